"""The table that every benchmark ends in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One ratio: ours against theirs, in the same unit, larger is better."""

    name: str
    against: str
    unit: str
    ours: float
    theirs: float
    aim: float

    @property
    def ratio(self) -> float:
        """How many times as fast."""
        return self.ours / self.theirs


def show(rows: list[Row]) -> None:
    """Print the rows."""
    print(f"{'bench':<52} {'ours':>12} {'theirs':>12} {'ratio':>7} {'aim':>6}")  # noqa: T201
    for row in rows:
        verdict = "" if row.ratio >= row.aim else "  below the aim"
        print(  # noqa: T201
            f"{row.name:<52} {row.ours:>12,.0f} {row.theirs:>12,.0f}"
            f" {row.ratio:>7.2f} {row.aim:>6.2f}{verdict}"
        )
        print(f"    against {row.against}; {row.unit}")  # noqa: T201
