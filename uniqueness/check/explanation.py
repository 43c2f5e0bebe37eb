"""Everything cardgen knows of a number: what it looks like, its slot, and whether it is ours."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from generation import published, ranges
from generation.models import IssuerRange
from generation.published import Meaning
from generation.schemes import text
from uniqueness.cache import LONGEST_PAN
from uniqueness.exclusions import outside
from uniqueness.models import Card, CardImport, Exclusion
from uniqueness.numbers import Verdict, validate


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOut:
    """Why a number must not be minted; `owner` is whose it was in the system it came from."""

    reason: Exclusion.Reason
    source: str
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One number. `slot` is packed; `agrees` is false if ledger and keys differ about it.

    `shown` and `grouped` hide the middle of a number that is not in the ledger.
    """

    shown: str
    grouped: str
    verdict: Verdict
    slot: int | None
    issued: bool
    agrees: bool
    kept_out: KeptOut | None
    meanings: tuple[Meaning, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        verdict = self.verdict
        scheme, issuer_range = verdict.scheme, verdict.issuer_range
        return {
            "number": self.shown,
            "grouped": self.grouped,
            "other_groupings": list(verdict.groupings[1:]),
            "scheme": scheme.code if scheme else None,
            "length_valid": verdict.length_valid,
            "luhn_valid": verdict.luhn_valid,
            "luhn_required": verdict.luhn_required,
            "check_digit": verdict.check_digit,
            "tier": verdict.tier,
            "range": issuer_range.name if issuer_range else None,
            "slot": self._slot_in_range(),
            "packed_slot": self.slot,
            "issued": self.issued,
            "agrees": self.agrees,
            "excluded": self.kept_out.reason if self.kept_out else None,
            "source": self.kept_out.source if self.kept_out else None,
            "owner": self.kept_out.owner if self.kept_out else None,
            "published": [
                {
                    name: getattr(meaning, name)
                    for name in ("provider", "behaviour", "detail", "use_with")
                }
                for meaning in self.meanings
            ],
        }

    def _slot_in_range(self) -> int | None:
        issuer_range = self.verdict.issuer_range
        if self.slot is None or issuer_range is None:
            return None
        return self.slot - issuer_range.first_slot


def explain(pans: list[str]) -> list[Explanation]:
    """Explain numbers (ASCII digits) in the order given.

    :raises MasterKeyMismatch: if a range was registered under another master key
    """
    verdicts = validate(pans)
    slots = _slots(pans, verdicts)
    by_pan = dict(Card.objects.filter(pan__in=pans).values_list("pan", "slot"))
    by_slot = _held(list(slots.values()))
    kept_out = _kept_out(pans)
    return [
        _explanation(
            pan,
            verdict=verdict,
            slot=slots.get(pan),
            # Arithmetic knows no slot of a negative card.
            agrees=by_pan.get(pan) in (None, slots.get(pan, by_pan.get(pan)))
            and by_slot.get(slots.get(pan, -1), pan) == pan,
            issued=pan in by_pan,
            kept_out=kept_out.get(pan),
        )
        for pan, verdict in zip(pans, verdicts, strict=True)
    ]


def _held(slots: list[int]) -> dict[int, str]:
    """The numbers in these slots, but for those of negative cards, which are of no slot."""
    found = dict(Card.objects.filter(slot__in=slots).values_list("slot", "pan"))
    good = [pan for pan in found.values() if pan.isdigit()]
    of_a_slot = _slots(good, validate(good))
    return {slot: pan for slot, pan in found.items() if pan in of_a_slot}


def _explanation(
    pan: str,
    *,
    verdict: Verdict,
    slot: int | None,
    agrees: bool,
    issued: bool,
    kept_out: KeptOut | None,
) -> Explanation:
    shown = pan if issued else verdict.masked
    return Explanation(
        shown=shown,
        grouped=text.group(pan, shown=shown),
        verdict=verdict,
        slot=slot,
        issued=issued,
        agrees=agrees,
        kept_out=kept_out,
        meanings=published.of_number(pan),
    )


def _kept_out(pans: list[str]) -> dict[str, KeptOut]:
    rows = Exclusion.objects.filter(pan__in=pans).values_list("pan", "reason", "source")
    excluded = {pan: (reason, source) for pan, reason, source in rows}
    fitting = np.array([pan for pan in pans if len(pan) <= LONGEST_PAN], dtype="S19")
    for pan, source in outside.imported(fitting).items():
        excluded[pan.decode()] = (Exclusion.Reason.IMPORTED, source)
    imports = CardImport.objects.filter(name__in={source for _, source in excluded.values()})
    owners = dict(imports.values_list("name", "owner__username"))
    return {
        pan: KeptOut(reason=Exclusion.Reason(reason), source=source, owner=owners.get(source))
        for pan, (reason, source) in excluded.items()
    }


def _slots(pans: list[str], verdicts: list[Verdict]) -> dict[str, int]:
    """Packed slots by arithmetic, a range at a time; a wrong check digit has none."""
    members: dict[IssuerRange, list[str]] = {}
    for pan, verdict in zip(pans, verdicts, strict=True):
        if verdict.issuer_range:
            members.setdefault(verdict.issuer_range, []).append(pan)
    return {
        pan: slot + issuer_range.first_slot
        for issuer_range, inside in members.items()
        for pan, slot in zip(
            inside, ranges.slots_of(issuer_range, pans=inside).tolist(), strict=True
        )
        if slot >= 0
    }
