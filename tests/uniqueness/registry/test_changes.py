"""Where cards may be minted: registered, switched, and written down."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from generation import ranges
from generation.errors import RangeDisabled, UnknownScheme, UnregisteredIin
from generation.kernel.luhn import is_valid
from generation.models import IssuerRange, Tier
from tests.support.actors import entries, somebody
from tests.support.slots import take
from uniqueness import registry
from uniqueness.models import Exclusion
from uniqueness.registry.changes import InvalidRange, RangeOverlaps
from uniqueness.trail.writing import ReasonMissing

WHY = "the wallet team needs it"


def own(**changes: object) -> IssuerRange:
    asked = {
        "scheme": "visa",
        "iin": "42345678",
        "pan_length": 16,
        "statement": WHY,
        "actor": somebody(),
    }
    return registry.register_owned(**asked | changes)


def test_brand_shapes_are_there_and_off(catalogue):
    assert IssuerRange.objects.filter(scheme="amex", tier=Tier.BRAND_SHAPE).exists()
    with pytest.raises(RangeDisabled, match="Right shape only"):
        ranges.of_scheme("amex")


def test_a_published_maestro_number_gives_maestro_a_brand_shape(catalogue):
    shape = IssuerRange.objects.get(iin="639002", pan_length=19)
    assert (shape.scheme, shape.tier) == ("maestro", Tier.BRAND_SHAPE)


def test_switching_the_tier_on_needs_a_reason_and_leaves_a_trace(catalogue):
    with pytest.raises(ReasonMissing):
        registry.switch_tier(tier=Tier.BRAND_SHAPE, on=True, reason=" x ", actor=somebody())
    registry.switch_tier(tier=Tier.BRAND_SHAPE, on=True, reason=WHY, actor=somebody())
    entry = entries().get()
    assert (entry.actor, entry.action, entry.subject) == ("me", "enable_tier", "brand_shape")
    assert ranges.of_scheme("amex")


def test_cards_of_a_scheme_without_luhn_end_in_their_luhn_digit(catalogue, api):
    made = own(scheme="hipercard", iin="384100", pan_length=19)
    cards = api.post("/api/v1/cards/generate", {"range": made.name, "count": 50}).json()["cards"]
    assert len(cards) == 50
    assert all(is_valid(card["pan"]) for card in cards)


def test_a_scheme_uses_its_safest_tier_first(catalogue, submit):
    registry.switch_tier(tier=Tier.BRAND_SHAPE, on=True, reason=WHY, actor=somebody())
    own()
    tiers = {item.issuer_range.tier for _ in range(4) for item in submit().items.all()}
    assert tiers == {Tier.SCHEME_TEST}


@pytest.mark.parametrize("iin", ["423456", "42345678"])
def test_an_owned_range_can_be_minted_in(catalogue, submit, iin):
    made = own(iin=iin)
    assert submit(range=made.name, count=5).items.get().issuer_range == made
    assert made.statement == WHY


@pytest.mark.parametrize("length", [13, 16, 18, 19])
def test_any_length_of_the_scheme_will_do(catalogue, length):
    assert own(pan_length=length).capacity == 10 ** (length - 9)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"scheme": "vsa"}, UnknownScheme),
        ({"pan_length": 15}, InvalidRange),
        ({"scheme": "hipercard", "iin": "606282", "pan_length": 19}, InvalidRange),
        ({"iin": "4234567"}, InvalidRange),
        ({"iin": "42345x"}, InvalidRange),
        ({"iin": "510000"}, InvalidRange),
        ({"scheme": "iso_test", "iin": "990000"}, InvalidRange),
        ({"statement": "ours"}, ReasonMissing),
        ({"iin": "400000"}, RangeOverlaps),
        ({"iin": "40000012"}, RangeOverlaps),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(catalogue, changes, refusal):
    before = IssuerRange.objects.count()
    with pytest.raises(refusal):
        own(**changes)
    assert IssuerRange.objects.count() == before
    assert not entries().exists()


def test_a_brand_shape_gives_way_to_an_owned_range_for_good(catalogue):
    made = own(iin="411111")
    inside = Exclusion.objects.get(pan="4111111111111111")
    assert inside.slot // 10**12 == made.pk
    call_command("load_catalogue")
    assert IssuerRange.objects.filter(iin="411111", pan_length=16).get() == made


def test_a_brand_shape_in_use_does_not_give_way(catalogue):
    take(IssuerRange.objects.get(iin="411111", pan_length=16), 1)
    with pytest.raises(RangeOverlaps):
        own(iin="411111")


def test_a_range_switched_off_mints_no_more_and_keeps_its_cards(catalogue, submit):
    made = own()
    job = submit(range=made.name)
    registry.switch_range(name=made.name, on=False, reason=WHY, actor=somebody())
    with pytest.raises(RangeDisabled, match="switched off"):
        submit(range=made.name)
    assert job.items.get().issuer_range == made
    registry.switch_range(name=made.name, on=True, reason=WHY, actor=somebody())
    assert submit(range=made.name)


def test_a_range_that_is_not_there_cannot_be_switched(catalogue):
    with pytest.raises(UnregisteredIin):
        registry.switch_range(name="999999-16", on=False, reason=WHY, actor=somebody())


@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'y'", "DELETE FROM {}"])
def test_the_audit_trail_only_grows(catalogue, change):
    registry.switch_tier(tier=Tier.OWNED, on=False, reason=WHY, actor=somebody())
    with (
        pytest.raises(IntegrityError, match="audit_trail_only_grows"),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format("uniqueness_auditentry"))


def test_the_cvv_of_a_brand_shape_follows_the_public_rule(catalogue, submit, api):
    registry.switch_tier(tier=Tier.BRAND_SHAPE, on=True, reason=WHY, actor=somebody())
    body = {"items": [{"scheme": "amex", "count": 3}, {"scheme": "jcb", "count": 3}]}
    cards = api.post("/api/v1/cards/generate", body).json()["cards"]
    assert [card["cvv"] for card in cards] == [
        card["pan"][-1 - len(card["cvv"]) : -1] for card in cards
    ]
    assert {card["tier"] for card in cards} == {"brand_shape"}
