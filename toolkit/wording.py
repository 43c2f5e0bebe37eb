"""Words for people: how many there are, where they are, and what programs are told otherwise."""

from collections.abc import Iterable

_FOR_PROGRAMS = {"Send ": "Write ", ", as text": "", ", without quotes": ""}


def counted(count: int, thing: str, things: str = "") -> str:
    """Say how many there are: 1 line, 1,200 lines; `things` is what is not made with an s."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def placed(thing: str, numbers: Iterable[int]) -> str:
    """Say which ones: line 3, or lines 3, 1,200."""
    shown = [f"{number:,}" for number in numbers]
    return f"{thing if len(shown) == 1 else f'{thing}s'} {', '.join(shown)}"


def for_people(text: str) -> str:
    """Say to somebody who types what is said to a program that sends JSON."""
    for word, plain in _FOR_PROGRAMS.items():
        text = text.replace(word, plain)
    return text
