"""A scheme by what people call it: its code in any case; what else comes near is suggested."""

from difflib import get_close_matches

from generation.errors import UnknownScheme
from generation.schemes.registry import catalogue

_NEAR = 0.75
"""Likeness from which a suggestion helps: `mastercrd` has 0.95, `vsa` 0.86, `cat` none."""
_MOST_LETTERS = 64


def code_of(text: str) -> str:
    """Return the code of the scheme that is written there, in capitals or not.

    :raises UnknownScheme: if the catalogue has none; says which one may be meant
    """
    code = text.strip().lower()
    if code in catalogue():
        return code
    near = _near(text)
    meant = f" Did you mean {near!r}?" if near else ""
    raise UnknownScheme(
        f"There is no scheme {text!r}.{meant} GET /api/v1/schemes lists the codes.",
        scheme=text,
        **({"did_you_mean": near} if near else {}),
    )


def _near(text: str) -> str | None:
    """Look among codes and names, whatever stands between their words."""
    spelled = {
        _plain(word): one.code for one in catalogue().values() for word in (one.name, one.code)
    }
    found = get_close_matches(_plain(text[:_MOST_LETTERS]), spelled, n=1, cutoff=_NEAR)
    return spelled[found[0]] if found else None


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
