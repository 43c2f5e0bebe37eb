"""Negative cards: wrong in one way, unique like the rest, verifiable like the rest."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from generation.kernel.defects import Defect, spoil
from generation.kernel.luhn import is_valid
from generation.kernel.mint import mint, span
from generation.ranges import spec
from jobs import results, work
from jobs.models import Job
from tests.support.fixtures import register
from tests.support.slots import PROFILE, exclude_slots
from uniqueness.models import Card, Exclusion

COUNT = 3_000
NOW = 2026 * 12 + 10


def made(submit, defect: Defect, **changes) -> list[dict]:
    job = submit(count=COUNT, defect=defect, month=NOW, **changes)
    work.work(duration=timedelta(seconds=60))
    job = Job.objects.get(id=job.id)
    assert (job.status, job.produced) == ("succeeded", COUNT)
    call_command("verify_cards", job=job.id)
    names = results.fields_of(job)
    return [
        card for block in results.blocks(job) for card in results.card_dicts(block, fields=names)
    ]


@pytest.mark.parametrize("defect", Defect)
def test_every_defect_makes_unique_cards(submit, defect):
    assert len({card["pan"] for card in made(submit, defect)}) == COUNT


def test_luhn(submit):
    pans = [card["pan"] for card in made(submit, Defect.LUHN)]
    assert {(len(pan), is_valid(pan)) for pan in pans} == {(16, False)}


def test_too_short(submit):
    pans = [card["pan"] for card in made(submit, Defect.TOO_SHORT)]
    assert max(map(len, pans)) == 15
    assert not any(is_valid(pan) for pan in pans)


def test_too_long(submit):
    pans = [card["pan"] for card in made(submit, Defect.TOO_LONG)]
    assert {(len(pan), is_valid(pan)) for pan in pans} == {(17, False)}


def test_expired(submit):
    cards = made(submit, Defect.EXPIRED)
    months = {card["expiry_year"] * 12 + card["expiry_month"] - 1 for card in cards}
    assert max(months) < NOW
    assert all(is_valid(card["pan"]) for card in cards)


def test_cvv_length(submit):
    assert {len(card["cvv"]) for card in made(submit, Defect.CVV_LENGTH)} == {2}


def test_non_digit(submit):
    pans = [card["pan"] for card in made(submit, Defect.NON_DIGIT)]
    assert not any(pan.isdigit() for pan in pans)


def test_unknown_scheme(submit):
    assert {card["pan"][:2] for card in made(submit, Defect.UNKNOWN_SCHEME)} == {"99"}


def test_good_and_negative_cards_share_no_number(submit):
    for defect in (None, Defect.LUHN, Defect.UNKNOWN_SCHEME, Defect.TOO_LONG):
        submit(count=COUNT, defect=defect, month=NOW)
    work.work(duration=timedelta(seconds=60))
    assert Card.objects.values("pan").distinct().count() == 4 * COUNT


def test_a_wrong_number_that_is_excluded_is_left_out_and_made_up_for(submit, small_range):
    good = mint(spec(small_range), slots=span(0, 1), profile=PROFILE)
    wrong = spoil(
        spec(small_range), cards=good, defect=Defect.LUHN, month=NOW, stand_in=small_range.pk
    )
    number = wrong.pans[0].decode()
    Exclusion.objects.create(pan=number, reason="imported", source="a test")
    submit(range=small_range.name, count=5, defect=Defect.LUHN, month=NOW)
    work.work(duration=timedelta(seconds=60))
    assert Card.objects.count() == 5
    assert not Card.objects.filter(pan=number).exists()


def test_numbers_of_two_lengths_are_not_cut_short(api):
    for length in (16, 18):
        register(iin="42345678", pan_length=length)
    body = {"range": "42345678-18", "count": 1, "defect": "too_short"}
    response = api.post("/api/v1/cards/generate", body)
    assert (response.status_code, response.json()["code"]) == (422, "defect_impossible")
    assert api.post("/api/v1/cards/generate", body | {"defect": "too_long"}).status_code == 201


def test_a_19_digit_number_cannot_be_longer(api):
    register(iin="42345678", pan_length=19)
    body = {"range": "42345678-19", "count": 1, "defect": "too_long"}
    response = api.post("/api/v1/cards/generate", body)
    assert (response.status_code, response.json()["code"]) == (422, "defect_impossible")
    assert not Job.objects.exists()


@pytest.mark.parametrize("defect", ["too_short", "too_long", "non_digit"])
def test_a_number_that_is_not_whole_has_no_track(api, defect):
    body = {"scheme": "visa", "count": 1, "defect": defect, "fields": ["pan", "track2"]}
    response = api.post("/api/v1/cards/generate", body)
    assert (response.status_code, response.json()["code"]) == (422, "field_impossible")
    job = api.post("/api/v1/cards/generate", body | {"fields": ["pan"]}).json()["job"]
    assert api.get(f"/api/v1/cards/jobs/{job}/result?fields=pvv").status_code == 422


def test_an_unknown_defect_is_refused_with_the_known_ones(api):
    body = {"scheme": "visa", "count": 1, "defect": "ugly"}
    assert api.post("/api/v1/cards/generate", body).status_code == 400


def test_slots_excluded_by_their_good_number_are_left_out_of_negative_jobs_too(submit, small_range):
    exclude_slots(small_range, 3, 5)
    job = submit(range=small_range.name, count=50, defect=Defect.LUHN)
    work.work(duration=timedelta(seconds=60))
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 50)
    assert Card.objects.count() == 50
