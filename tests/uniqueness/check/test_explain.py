"""`manage.py explain`: what is known of a number, on the terminal."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from generation.kernel.defects import Defect
from generation.models import IssuerRange
from jobs.orders import Origin, accepting
from tests.support.commands import run
from tests.support.distributing import NOT_CHANGED
from tests.support.fixtures import an_order
from uniqueness.models import Card

OURS_NOT_YET = "4000004462936174"


def explain(*numbers: str) -> list[dict]:
    out = StringIO()
    call_command("explain", *numbers, "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def text(*numbers: str) -> str:
    out = StringIO()
    call_command("explain", *numbers, stdout=out)
    return out.getvalue()


@pytest.fixture
def issued(user, catalogue) -> Card:
    accepting.generate(order=an_order(count=3), origin=Origin(owner=user))
    return Card.objects.order_by("slot")[1]


def test_an_issued_number_is_ours_and_shown_in_full(issued):
    (found,) = explain(issued.pan)
    assert (found["number"], found["issued"], found["agrees"]) == (issued.pan, True, True)
    assert found["packed_slot"] == issued.slot
    assert found["slot"] == 1
    assert found["grouped"].replace(" ", "") == issued.pan


def test_a_number_of_a_range_that_was_not_issued_has_a_slot_and_is_masked(catalogue):
    (found,) = explain(OURS_NOT_YET)
    assert (found["issued"], found["range"], found["tier"]) == (False, "400000-16", "scheme_test")
    assert 0 <= found["slot"] < 10**9
    assert (found["number"], found["grouped"]) == ("40000044****6174", "4000 0044 **** 6174")


def test_a_wrong_check_digit_is_put_right_and_has_no_slot(catalogue):
    (found,) = explain("4000004462936175")
    assert (found["luhn_valid"], found["check_digit"], found["slot"]) == (False, "4", None)
    assert "the check digit should be 4" in text("4000004462936175")


def test_a_scheme_without_luhn_asks_for_no_other_check_digit(catalogue):
    assert "not valid, not required here\n" in text("3841001111222233334")


def test_every_usual_grouping_is_told(catalogue):
    (found,) = explain("6222021234567890128")
    assert found["other_groupings"] == ["6-13"]
    assert "6222 0212 **** ***0 128, also 6-13" in text("6222021234567890128")


def test_a_published_number_shows_its_meanings_and_that_it_is_never_minted(catalogue):
    (found,) = explain("4000000000000002")
    assert (found["tier"], found["excluded"]) == ("published", "published")
    needs = "any CVC of 3 digits, any future expiry"
    told = {"provider": "Stripe", "behaviour": "declined", "use_with": needs}
    assert told.items() <= found["published"][0].items()
    assert f"use with {needs}" in text("4000000000000002")
    assert "Stripe: declined" in text("4000000000000002")


def test_a_number_of_nobody_says_that_it_may_be_live(catalogue):
    (found,) = explain("9999999999999995")
    assert (found["scheme"], found["range"], found["tier"]) == (None, None, None)
    assert "it may be a live number" in text("9999999999999995")


def test_a_row_that_is_not_in_its_slot_is_an_alarm(issued):
    Card.objects.filter(slot=issued.slot).update(slot=issued.slot + 500)
    assert not explain(issued.pan)[0]["agrees"]
    assert "ALARM" in text(issued.pan)


@NOT_CHANGED
def test_a_slot_that_holds_another_number_is_an_alarm(issued):
    Card.objects.filter(slot=issued.slot).update(pan=OURS_NOT_YET)
    assert not explain(issued.pan)[0]["agrees"]


@pytest.mark.parametrize("defect", ["luhn", "too_short", "too_long"])
def test_a_negative_card_is_ours_and_no_alarm(user, catalogue, defect):
    order = an_order(count=1, defect=Defect(defect))
    accepting.generate(order=order, origin=Origin(owner=user))
    pan = Card.objects.get().pan
    (found,) = explain(pan)
    assert (found["issued"], found["agrees"]) == (True, True)


def test_the_good_number_of_a_negative_cards_slot_is_no_alarm(user, catalogue):
    accepting.generate(order=an_order(count=1, defect=Defect.LUHN), origin=Origin(owner=user))
    pan = Card.objects.get().pan
    (found,) = explain(pan[:-1] + explain(pan)[0]["check_digit"])
    assert (found["issued"], found["agrees"]) == (False, True)


def test_a_dash_reads_standard_input(catalogue):
    shown = run("explain", "--json", "-", stdin="4242 4242 4242 4242\n\n3782-822463-10005\n").stdout
    assert [json.loads(line)["scheme"] for line in shown.splitlines()] == ["visa", "amex"]


def test_the_text_names_scheme_groups_and_range(catalogue):
    shown = text(OURS_NOT_YET)
    for part in (
        "Visa (visa)",
        "4000 0044 **** 6174",
        "valid, required",
        "400000-16",
        "not issued",
    ):
        assert part in shown
    assert OURS_NOT_YET not in shown


def test_masked_numbers_do_not_come_back_anywhere(catalogue):
    assert OURS_NOT_YET not in text(OURS_NOT_YET) + json.dumps(explain(OURS_NOT_YET))


@pytest.mark.parametrize("wrong", ["", "x", "4242x", "4½42", "4\0", "4" * 33, "4" * 1_000_000])
def test_what_is_no_number_is_exit_code_2_and_explains_nothing(catalogue, wrong):
    out = StringIO()
    with pytest.raises(CommandError, match="number 2 is not") as refusal:
        call_command("explain", "4242424242424242", wrong, stdout=out)
    assert refusal.value.returncode == 2
    assert out.getvalue() == ""


def test_empty_standard_input_is_exit_code_2(catalogue):
    assert run("explain", "-", stdin="\n").returncode == 2


def test_too_many_numbers_are_exit_code_2(catalogue):
    done = run("explain", "-", stdin="4242424242424242\n" * 10_001)
    assert (done.returncode, done.stdout) == (2, "")
    assert "more than 10,000 numbers" in done.stderr


def test_another_master_key_is_exit_code_3(catalogue):
    IssuerRange.objects.filter(iin="400000").update(key_check_value="000000")
    with pytest.raises(CommandError, match="another master key") as refusal:
        explain(OURS_NOT_YET)
    assert refusal.value.returncode == 3
