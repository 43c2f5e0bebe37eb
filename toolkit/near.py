"""What may be meant by a name that is not there: one spelled like it, or one of the same sense."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

from toolkit.other_words import MEANT, plain

_NEAR = 0.7
"""Likeness from which a suggestion helps: `mastercrd` has 0.95, `vsa` 0.86, `cat` none."""
_MOST_LETTERS, _MOST_TEXTS = 64, 10


def near(text: str, known: Iterable[str], *, likeness: float = _NEAR) -> str | None:
    """Return the known name that is meant; capitals and what stands between words do not count."""
    sent = plain(text[:_MOST_LETTERS])
    spelled = {plain(name): name for name in known}
    if sent in spelled:
        return spelled[sent]
    meant = [spelled[name] for name in MEANT.get(sent, ()) if name in spelled]
    like = get_close_matches(sent, spelled, n=1, cutoff=likeness)
    return next(iter([*meant, *(spelled[name] for name in like)]), None)


def did_you_mean(text: str, known: Iterable[str], *, likeness: float = _NEAR) -> str:
    """Ask, with a space before it; say nothing if no known name comes near."""
    return meant_by([text], known, likeness=likeness)


def meant_by(texts: Iterable[str], known: Iterable[str], *, likeness: float = _NEAR) -> str:
    """Ask the same of several names at once."""
    names = list(known)
    found = dict.fromkeys(
        near(text, names, likeness=likeness) for text in islice(texts, _MOST_TEXTS)
    )
    asked = " and ".join(name for name in found if name)
    return f" Did you mean {asked}?" if asked else ""
