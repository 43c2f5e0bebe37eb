"""Test cards as payment providers publish them: looked up by everyone, minted by nobody.

A behaviour ("declined", "3-D Secure") belongs to a number *at a provider*: 19 numbers mean
something else at another one, so nothing here speaks of a number alone.
"""

import csv
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from django.utils.text import slugify

from generation.schemes import detection, registry

_CSV = Path(__file__).parent / "data" / "published_test_cards.csv"
_SAME = ("number", "provider", "behaviour", "detail", "use_with", "source", "source_kind")
_LONGEST_PREFIX = 8
_SPELT = {
    "3ds": "3-D Secure",
    "avs": "address check (AVS)",
    "cvc": "CVC",
    "efw": "early fraud warning",
    "otp": "one-time password",
    "pin": "PIN",
    "preauth": "pre-authorisation",
    "sms": "SMS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one number does at one provider; `id` is its line in the catalogue, from 1.

    `scheme` is a code of the scheme catalogue, or the provider's word for a network outside it.
    `use_with` is what the provider asks for beside the number, where its page says so.
    """

    id: int
    number: str
    scheme: str
    provider: str
    gateway: str
    behaviour: str
    detail: str
    use_with: str
    luhn_valid: bool
    source: str
    source_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A provider: its slug, its name, and how many numbers it publishes."""

    slug: str
    name: str
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is searched; an empty string asks for nothing."""

    gateway: str = ""
    scheme: str = ""
    behaviour: str = ""
    text: str = ""

    def fits(self, meaning: Meaning) -> bool:
        """Tell whether the meaning is one of those asked for."""
        exact = ("gateway", "scheme", "behaviour")
        return all(getattr(self, name) in ("", getattr(meaning, name)) for name in exact) and all(
            _has(meaning, word) for word in self.text.casefold().split()
        )


@cache
def meanings() -> tuple[Meaning, ...]:
    """The whole catalogue in its own order."""
    with _CSV.open(encoding="utf-8", newline="") as file:
        return tuple(_meaning(*row) for row in enumerate(csv.DictReader(file), start=1))


def of_number(number: str) -> tuple[Meaning, ...]:
    """Every meaning of a number; none if nobody publishes it."""
    return _by_number().get(number, ())


def elsewhere(meaning: Meaning) -> tuple[Meaning, ...]:
    """What the same number means at the other providers."""
    return tuple(other for other in of_number(meaning.number) if other != meaning)


def of_iin(iin: str) -> list[Meaning]:
    """Every meaning of every number that begins with the IIN."""
    return [meaning for meaning in meanings() if meaning.number.startswith(iin)]


def find(wanted: Wanted, *, after: int = 0, limit: int | None = None) -> list[Meaning]:
    """Return what fits in the order of the catalogue, beginning behind line `after`."""
    return list(islice(filter(wanted.fits, meanings()[after:]), limit))


@cache
def gateways() -> dict[str, Gateway]:
    """Every provider by slug, in alphabetical order."""
    counts: dict[str, int] = {}
    for meaning in meanings():
        counts[meaning.provider] = counts.get(meaning.provider, 0) + 1
    found = (
        Gateway(slug=slugify(name), name=name, cards=cards)
        for name, cards in sorted(counts.items(), key=lambda item: item[0].casefold())
    )
    return {gateway.slug: gateway for gateway in found}


def values(field: str) -> list[str]:
    """Every value that `scheme` or `behaviour` has, in alphabetical order."""
    return sorted({str(getattr(meaning, field)) for meaning in meanings()})


def counts(wanted: Wanted, field: str) -> dict[str, int]:
    """Count what fits by a field, the most first, whatever `wanted` says of that field itself."""
    found = Counter(
        str(getattr(meaning, field)) for meaning in find(replace(wanted, **{field: ""}))
    )
    return dict(found.most_common())


def in_words(behaviour: str) -> str:
    """Say a behaviour as people do: `3ds_then_declined` is "3-D Secure then declined"."""
    text = " ".join(_SPELT.get(word, word) for word in behaviour.split("_"))
    return text[:1].upper() + text[1:]


@cache
def _by_number() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, tuple[Meaning, ...]] = {}
    for meaning in meanings():
        found[meaning.number] = (*found.get(meaning.number, ()), meaning)
    return found


def _meaning(line: int, row: dict[str, str]) -> Meaning:
    return Meaning(
        id=line,
        scheme=_scheme(row),
        gateway=slugify(row["provider"]),
        luhn_valid=row["luhn_valid"] == "yes",
        **{name: row[name] for name in _SAME},
    )


def _scheme(row: dict[str, str]) -> str:
    """Put the catalogue's own code where the file's word is no code but the prefix is plain."""
    if row["scheme"] not in {"none", "switch_solo"}:
        return row["scheme"]
    detected = detection.detect(row["number"])
    return detected.code if detected else row["scheme"]


def _has(meaning: Meaning, word: str) -> bool:
    if word.isascii() and word.isdigit() and len(word) <= _LONGEST_PREFIX:
        return meaning.number.startswith(word) or word in _text(meaning)
    return word in _text(meaning)


@cache
def _text(meaning: Meaning) -> str:
    scheme = registry.get(meaning.scheme).name if registry.exists(meaning.scheme) else ""
    words = (meaning.provider, meaning.gateway, meaning.scheme, scheme, meaning.behaviour)
    return " ".join((*words, meaning.behaviour.replace("_", " "), meaning.detail)).casefold()
