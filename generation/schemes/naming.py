"""A scheme by what people call it: its code in any case; what else comes near is suggested."""

from generation.errors import UnknownScheme
from generation.schemes.registry import catalogue
from toolkit.near import near


def code_of(text: str) -> str:
    """Return the code of the scheme that is written there, in capitals or not.

    :raises UnknownScheme: if the catalogue has none; says which one may be meant
    """
    code = text.strip().lower()
    if code in catalogue():
        return code
    found = _near(text)
    meant = f" Did you mean {found!r}?" if found else ""
    raise UnknownScheme(
        f"There is no scheme {text!r}.{meant} GET /api/v1/schemes lists the codes.",
        scheme=text,
        **({"did_you_mean": found} if found else {}),
    )


def _near(text: str) -> str | None:
    spelled = {word: one.code for one in catalogue().values() for word in (one.name, one.code)}
    return spelled.get(near(text, spelled) or "")
