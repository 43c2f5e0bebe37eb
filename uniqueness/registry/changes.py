"""Where cards may be minted: register, switch on and off. Each change stands in the audit trail."""

from django.db import IntegrityError, transaction

from generation import tiers
from generation.kernel.defects import UNKNOWN_PREFIX
from generation.models import IssuerRange, Tier, TierSwitch
from generation.ranges import range_keys, registered, unregistered
from generation.schemes import code_of, detection, registry
from toolkit.actor import Actor
from toolkit.refusals import Mistake, Refusal
from uniqueness.exclusions import adding
from uniqueness.trail import note, require_reason


class InvalidRange(Mistake):
    """No cards of that scheme can have such numbers."""

    code = "invalid_range"


class RangeOverlaps(Refusal):
    """Another registered range holds some of the same numbers."""

    code = "range_overlaps"


@transaction.atomic
def register_owned(
    *, scheme: str, iin: str, pan_length: int, statement: str, actor: Actor
) -> IssuerRange:
    """Register a range of the operator's own organisation, with its written statement.

    :raises UnknownScheme: if the catalogue has no such scheme
    :raises InvalidRange: if the IIN or the length is not one of the scheme's
    :raises RangeOverlaps: if a registered range of that length holds some of its numbers
    :raises ReasonMissing: if the statement says nothing
    """
    require_reason(statement)
    scheme = code_of(scheme)
    _check(scheme=scheme, iin=iin, pan_length=pan_length)
    _give_way(iin=iin, pan_length=pan_length)
    try:
        with transaction.atomic():
            issuer_range = IssuerRange.objects.create(
                scheme=scheme,
                iin=iin,
                pan_length=pan_length,
                tier=Tier.OWNED,
                source="stated by an administrator",
                statement=statement,
                key_check_value=range_keys(iin=iin, pan_length=pan_length).check_value,
            )
    except IntegrityError:
        raise RangeOverlaps(
            f"A registered range with {pan_length}-digit numbers overlaps IIN {iin}."
            " GET /api/v1/issuer-ranges lists them."
        ) from None
    adding.place([issuer_range])
    note(
        actor=actor,
        action="register_range",
        subject=issuer_range.name,
        reason=statement,
        after={"scheme": scheme, "iin": iin, "pan_length": pan_length},
    )
    return issuer_range


@transaction.atomic
def switch_range(*, name: str, on: bool, reason: str, actor: Actor) -> IssuerRange:
    """Switch a range on or off for minting; what was issued keeps its guarantee.

    :raises UnregisteredIin: if there is no such range
    :raises ReasonMissing: if the reason says nothing
    """
    require_reason(reason)
    found = registered(name).select_for_update(no_key=True).first()
    if found is None:
        raise unregistered(name, remedy="give the name of one.")
    before, found.enabled = found.enabled, on
    found.save(update_fields=["enabled"])
    note(
        actor=actor,
        action=_verb(on, "range"),
        subject=found.name,
        reason=reason,
        before={"enabled": before},
        after={"enabled": on},
    )
    return found


@transaction.atomic
def switch_tier(*, tier: Tier, on: bool, reason: str, actor: Actor) -> None:
    """Switch a whole tier on or off for minting.

    :raises ReasonMissing: if the reason says nothing
    """
    require_reason(reason)
    before = tiers.is_enabled(tier)
    TierSwitch.objects.update_or_create(tier=tier, defaults={"enabled": on})
    note(
        actor=actor,
        action=_verb(on, "tier"),
        subject=tier,
        reason=reason,
        before={"enabled": before},
        after={"enabled": on},
    )


def _give_way(*, iin: str, pan_length: int) -> None:
    """Remove never used `brand_shape` ranges that overlap: a statement outranks a bare shape.

    Loading the catalogue again leaves them out, since they would overlap.
    """
    shapes = IssuerRange.objects.filter(
        tier=Tier.BRAND_SHAPE, pan_length=pan_length, pool=None, iin__startswith=iin[:6]
    )
    for shape in shapes.select_for_update(no_key=True, of=("self",)):
        if shape.iin.startswith(iin) or iin.startswith(shape.iin):
            adding.displace(shape)
            shape.delete()


def _verb(on: bool, what: str) -> str:  # noqa: FBT001 (a word for a state)
    return f"{'enable' if on else 'disable'}_{what}"


def _check(*, scheme: str, iin: str, pan_length: int) -> None:
    if not (iin.isascii() and iin.isdigit() and len(iin) in (6, 8)):
        raise InvalidRange("An IIN has 6 or 8 digits.")
    if iin.startswith(UNKNOWN_PREFIX):
        raise InvalidRange("Prefixes under 99 are kept for negative cards of no scheme.")
    lengths = _pan_lengths(scheme=scheme, iin=iin)
    if pan_length not in lengths:
        allowed = ", ".join(map(str, lengths))
        raise InvalidRange(
            f"Numbers of {scheme} that begin with {iin} have {allowed} digits, not {pan_length}."
        )
    _check_prefix(scheme=scheme, iin=iin)


def _pan_lengths(*, scheme: str, iin: str) -> list[int]:
    """Lengths of the scheme's numbers under the IIN; of all its numbers if no prefix holds it."""
    holding = [span for span in detection.candidates(iin) if span.scheme == scheme]
    spans = holding or registry.get(scheme).ranges
    return sorted({length for span in spans for length in span.pan_lengths if length >= 12})


def _check_prefix(*, scheme: str, iin: str) -> None:
    seen = detection.detect(iin)
    candidates = {span.scheme for span in detection.candidates(iin)}
    if seen is not None and seen.code != scheme and scheme not in candidates:
        raise InvalidRange(
            f"Numbers that begin with {iin} are of {seen.name}, not of {scheme}.", seen=seen.code
        )
