"""A file's blocks, cut into parts, and known again when an import is resumed."""

from collections.abc import Iterator
from hashlib import sha256

from generation.models import IssuerRange
from uniqueness.exclusions.imports.excluding import place
from uniqueness.exclusions.imports.forms import Block
from uniqueness.exclusions.imports.report import Lines
from uniqueness.exclusions.moving.errors import ImportDiffers


class Parts:
    """Blocks of a file as they come; `lines` counts those that were taken."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        """Read from `blocks`."""
        self._blocks = blocks
        self._next = next(blocks, None)
        self._digest = sha256()
        self.lines = Lines()

    @property
    def goes_on(self) -> bool:
        """Whether blocks are left."""
        return self._next is not None

    def digest(self) -> bytes:
        """Tell the numbers taken so far from others, and their places."""
        return self._digest.digest()

    def take(self, records: int) -> Iterator[Block]:
        """Yield blocks until they have so many records, or no more are left.

        Whoever takes a block counts its lines.
        """
        taken = 0
        while self._next is not None and taken < records:
            block, self._next = self._next, next(self._blocks, None)
            taken += block.verdicts.size
            self._digest.update(block.verdicts.tobytes())
            self._digest.update(block.pans.tobytes())
            yield block

    def skip(self, records: int, *, digest: bytes) -> None:
        """Pass over what was brought in before, and count its lines.

        :raises ImportDiffers: if that is not what the file begins with
        """
        ranges = list(IssuerRange.objects.all())
        for block in self.take(records):
            place(block, lines=self.lines, ranges=ranges)
        if records and (self.lines.total, self.digest()) != (records, digest):
            raise ImportDiffers(
                "The file does not begin as the one that was brought in under this name. Give that"
                " file, or another name, or roll the import back first."
            )
