"""How many cards a file of some form can hold."""

from dataclasses import dataclass

from toolkit.refusals import Mistake


class TooManyRows(Mistake):
    """The form cannot hold so many rows."""

    code = "too_many_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The most rows of a file, in words: who sets the limit, and what to do beyond it."""

    rows: int
    reader: str
    instead: str

    def check(self, *, rows: int) -> None:
        """Let so many rows pass.

        :raises TooManyRows: if there are more than fit
        """
        if rows > self.rows:
            shares = -(-rows // self.rows)
            raise TooManyRows(
                f"{self.reader} {self.rows:,} cards, the job has {rows:,}: {self.instead}fetch it"
                f" in {shares} shares, the first by shard=1/{shares}.",
                most=self.rows,
            )
