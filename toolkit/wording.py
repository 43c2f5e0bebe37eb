"""Words for people: how many there are of a thing, and where."""

from collections.abc import Iterable


def counted(count: int, thing: str, things: str = "") -> str:
    """Say how many there are: 1 line, 1,200 lines; `things` is what is not made with an s."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def placed(thing: str, numbers: Iterable[int]) -> str:
    """Say which ones: line 3, or lines 3, 1,200."""
    shown = [f"{number:,}" for number in numbers]
    return f"{thing if len(shown) == 1 else f'{thing}s'} {', '.join(shown)}"
