"""What may be meant by a name that is not there: one spelled like it, or one of the same sense."""

from collections.abc import Iterable
from difflib import get_close_matches

from toolkit.other_words import MEANT

_NEAR = 0.7
"""Likeness from which a suggestion helps: `mastercrd` has 0.95, `vsa` 0.86, `cat` none."""
_MOST_LETTERS = 64


def near(text: str, known: Iterable[str]) -> str | None:
    """Return the known name that is meant; capitals and what stands between words do not count."""
    sent, names = _plain(text[:_MOST_LETTERS]), list(known)
    spelled = {_plain(name): name for name in names}
    if sent in spelled:
        return spelled[sent]
    meant = [name for name in MEANT.get(sent, ()) if name in names]
    like = get_close_matches(sent, spelled, n=1, cutoff=_NEAR)
    return next(iter([*meant, *(spelled[name] for name in like)]), None)


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Ask, with a space before it; say nothing if no known name comes near."""
    found = near(text, known)
    return f" Did you mean {found}?" if found else ""


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
