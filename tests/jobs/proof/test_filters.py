"""A Bloom filter that is believed and lacks a card is found, and the page says what to do first."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from generation.models import IssuerRange
from jobs.models import Job, Queue
from tests.jobs.proof.proving import done, failures, validate
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.proofs import proven
from toolkit.rights import Role
from uniqueness.bloom import PER_RANGE, sbbf, store
from uniqueness.bloom.sealing import seal
from uniqueness.models import Card, WindowFilter

SLOT = 7


@pytest.fixture
def sealed(submit: Submit, small_range: IssuerRange) -> int:
    """A window with the cards of a finished job, sealed."""
    done(submit, range=small_range.name, count=50)
    window = int(small_range.pk) * PER_RANGE
    seal(window)
    return window


def forget(window: int, *, slot: int) -> None:
    """Have the filter lack the card of a slot, as if it had been sealed so."""
    pans = Card.objects.exclude(slot=window * 1_000_000 + slot).values_list("pan", flat=True)
    bloom = sbbf.build(np.array([pan.encode() for pan in pans]))
    version = WindowFilter.objects.get(pk=window).version + 1
    assert store.put(window=window, version=version, bloom=bloom)
    digest = sbbf.digest(bloom.tobytes())
    WindowFilter.objects.filter(pk=window).update(version=version, digest=digest)


def wrong() -> tuple[str, dict[str, list[str]]]:
    """What the command says, and the failed checks with what they name."""
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(
            "validate_uniqueness", json=True, while_minting=True, stdout=out, stderr=StringIO()
        )
    checks = json.loads(out.getvalue())["checks"]
    return str(failure.value), {one["check"]: one["first"] for one in checks if one["ok"] is False}


def test_a_sealed_filter_with_all_cards_is_sound(sealed: int) -> None:
    assert "ok      every Bloom filter that is believed" in validate()


def test_a_filter_that_lacks_a_card_is_found_and_named(sealed: int) -> None:
    forget(sealed, slot=SLOT)
    said, found = wrong()
    assert found == {"filters": [f"slot {sealed * 1_000_000 + SLOT}"]}
    assert "Make the filters anew first: cardgen sync_bloom --rebuild" in said
    assert "Stop minting" not in said


def test_what_the_advice_says_mends_it(sealed: int) -> None:
    forget(sealed, slot=SLOT)
    wrong()
    call_command("sync_bloom", "--rebuild", stdout=StringIO(), stderr=StringIO())
    assert "ok      every Bloom filter that is believed" in validate()


def test_with_a_changed_card_minting_is_to_stop(sealed: int) -> None:
    Card.objects.filter(slot=sealed * 1_000_000 + SLOT).update(cvv="x")
    forget(sealed, slot=SLOT + 1)
    assert failures().keys() == {"cards", "filters"}


def test_a_filter_that_nobody_believes_is_no_fault(sealed: int) -> None:
    bloom = sbbf.empty()
    assert store.put(window=sealed, version=WindowFilter.objects.get().version, bloom=bloom)
    validate()


@pytest.mark.parametrize("options", [{"fast": True}, {"range": "99999901-12"}])
def test_a_proof_of_a_part_says_that_it_left_filters_out(
    sealed: int, options: dict[str, object]
) -> None:
    forget(sealed, slot=SLOT)
    assert "--      every Bloom filter that is believed" in validate(**options)


def test_without_filters_the_proof_says_why_it_left_them_out(sealed: int, settings) -> None:
    settings.CARDGEN_BLOOM_FILTERS = 0
    assert "filters are switched off (CARDGEN_BLOOM_FILTERS=0)" in validate()


def test_the_page_turns_red_and_says_what_to_do_first(transactional_db: None, sealed: int) -> None:
    browser = Client()
    browser.force_login(make_user("olga", role=Role.OPERATOR))
    forget(sealed, slot=SLOT)
    Queue.objects.update_or_create(id=1, defaults={"paused": True, "reason": "a proof"})
    browser.post("/uniqueness/prove")
    assert proven().state == "wrong"
    page = browser.get("/uniqueness")
    assert page.context["fault"]
    assert [layer.number for layer, doubted in page.context["layers"] if doubted] == [4]
    text = page.content.decode()
    assert "Make the Bloom filters anew first." in text
    assert "cardgen sync_bloom --rebuild" in text
    assert "Stop minting first" not in text
    assert "Not true: every Bloom filter that is believed holds all cards of its window" in text
    assert not any(pan in text for pan in Card.objects.values_list("pan", flat=True))
    assert Job.objects.get().produced == 50
