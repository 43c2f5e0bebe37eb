"""What public lists say of an IIN. Unofficial: evidence for tiers, never proof of an owner."""

from dataclasses import dataclass
from functools import cache

from generation.schemes.registry import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class BinListEntry:
    """What the community BIN list says of the prefix of a published test card."""

    prefix: str
    status: str
    brand: str
    issuer: str
    country: str
    type: str
    source: str
    other_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedPrefix:
    """A prefix that the list shows as owned by the scheme itself, or as a test facility."""

    prefix: str
    brand: str
    type: str
    owner: str
    country: str
    source: str


def bin_list_entry(prefix: str) -> BinListEntry | None:
    """Look a 6- or 8-digit prefix up; only prefixes of published test cards are known."""
    return _bin_list().get(prefix)


def owned_prefix(prefix: str) -> OwnedPrefix | None:
    """Look the first six digits up among the prefixes that schemes own themselves."""
    return _owned().get(prefix[:6])


@cache
def _bin_list() -> dict[str, BinListEntry]:
    listed = ("status", "brand", "issuer", "country", "type")
    return {
        row["prefix"]: BinListEntry(
            prefix=row["prefix"],
            source=row["source_of_status"],
            other_source=row["other_source"],
            **{name: row[f"bin_list_{name}"] for name in listed},
        )
        for row in rows("test_iins.csv")
    }


@cache
def _owned() -> dict[str, OwnedPrefix]:
    same = ("prefix", "brand", "type", "country", "source")
    return {
        row["prefix"]: OwnedPrefix(
            owner=row["owner_as_listed"], **{name: row[name] for name in same}
        )
        for row in rows("scheme_owned_iins.csv")
    }
