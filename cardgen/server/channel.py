"""Have Twisted hang up on clients that drip: a head has a deadline, a body a least rate.

Its own timeout begins anew with every byte, so a byte now and then kept a connection for ever. The
timer here begins anew only when something was achieved.
"""

from typing import ClassVar

from twisted.web import http


class TimelyChannel(http.HTTPChannel):
    """One connection: waits for a request, reads its head, reads its body, and so on."""

    head_seconds: ClassVar[float] = 20.0
    """For a whole head, from its first byte on."""
    body_seconds: ClassVar[float] = 20.0
    body_bytes: ClassVar[int] = 20_480
    """So many bytes of a body have to come in every stretch of `body_seconds`, or all of it."""
    idle_seconds: ClassVar[float] = 60.0
    """For the first byte of the next request."""
    _begun = False
    _unpaid = 0

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Wait for a head."""
        super().connectionMade()  # type: ignore[no-untyped-call]
        self.setTimeout(self.head_seconds)  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Start the clock with the first byte of a head."""
        if not (self._begun or self._handlingRequest):
            self._begun = True
            self.setTimeout(self.head_seconds)  # type: ignore[no-untyped-call]
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def resetTimeout(self) -> None:  # noqa: N802
        """Twisted calls this for every byte: that is no achievement."""

    def allHeadersReceived(self) -> None:  # noqa: N802
        """Go on with the clock of the body."""
        self.setTimeout(self.body_seconds)  # type: ignore[no-untyped-call]
        self._unpaid = self.body_bytes
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        """Start the clock of the body anew once enough of it has come."""
        self._unpaid -= len(data)
        if self._unpaid <= 0 and not self._handlingRequest:
            self._unpaid = self.body_bytes
            super().resetTimeout()  # type: ignore[no-untyped-call]
        super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802
        """Have no clock while the request is answered; then Twisted goes on with this one."""
        self._begun = False
        self.setTimeout(self.idle_seconds)  # type: ignore[no-untyped-call]
        super().allContentReceived()  # type: ignore[no-untyped-call]
