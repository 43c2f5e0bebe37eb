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

    def check(self, *, rows: int, part: bool = False) -> None:
        """Let so many rows pass.

        :param part: they are not all that the job has
        :raises TooManyRows: if there are more than fit
        """
        if rows > self.rows:
            whose = "this part of the job" if part else "the job"
            raise TooManyRows(
                f"{self.reader} {self.rows:,} cards, {whose} has {rows:,}: {self.instead}"
                f"{self._way(rows, part=part)}.",
                most=self.rows,
            )

    def _way(self, rows: int, *, part: bool) -> str:
        if part:
            return f"fetch fewer at a time, by limit={self.rows} and seek"
        shares = -(-rows // self.rows)
        return f"fetch it in {shares} shares, the first by shard=1/{shares}"
