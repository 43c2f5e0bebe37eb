"""Was this number ever handed out? The same answer whichever layers are asked."""

from collections import Counter
from io import StringIO
from uuid import UUID, uuid4

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.management import call_command

from generation.kernel.defects import Defect
from jobs import work
from jobs.models import Job
from tests.support.checking import states
from tests.support.commands import run
from tests.support.fixtures import register
from tests.support.slots import exclude_slots, pans_from, take
from tests.support.work import LONG
from uniqueness.bloom import sync
from uniqueness.cache import tokens
from uniqueness.check import Layer, State, check
from uniqueness.models import Card, Exclusion, Reservation
from uniqueness.pool import settlement
from uniqueness.pool.reserving import reserve


def done(submit, **order: object) -> Job:
    job = submit(**order)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert job.status == "succeeded"
    return job


def test_each_state_in_the_order_asked(submit, small_range):
    done(submit, range=small_range.name, count=100)
    take(small_range, 100)
    exclude_slots(small_range, 300)
    published = Exclusion.objects.filter(reason="published")[0].pan
    (issued,), (held,), (ahead,), (imported,) = (
        pans_from(small_range, slot, 1) for slot in (5, 150, 800, 300)
    )
    numbers = [ahead, issued, "4999999999999995", published, imported, held, "1", "9" * 32]
    assert states(numbers) == [
        State.UNISSUED,
        State.ISSUED,
        State.UNKNOWN,
        State.PUBLISHED,
        State.EXCLUDED,
        State.UNISSUED,
        State.UNKNOWN,
        State.UNKNOWN,
    ]


def test_an_issued_number_is_found_in_its_job(submit, small_range):
    job = done(submit, range=small_range.name, count=10)
    (found,) = check(pans_from(small_range, 3, 1))
    assert (found.owner, found.slot) == (job.id, small_range.first_slot + 3)
    assert isinstance(found.owner, UUID)


def test_numbers_of_several_ranges_belong_each_to_its_own_job(submit, small_range):
    ranges = (small_range, register(iin="99999903", pan_length=12))
    jobs = [done(submit, range=one.name, count=10) for one in ranges]
    found = check([pans_from(one, 3, 1)[0] for one in ranges], hints=False)
    assert [one.owner for one in found] == [job.id for job in jobs]
    assert {one.layer for one in found} == {Layer.POOL}


def test_the_cache_answers_the_second_time(submit, small_range):
    done(submit, range=small_range.name, count=10)
    number = pans_from(small_range, 3, 1)
    assert [check(number)[0].layer for _ in range(2)] == [Layer.POOL, Layer.CACHE]


def test_the_pool_knows_what_nobody_has_set_aside(small_range):
    (found,) = check(pans_from(small_range, 3, 1))
    assert (found.state, found.layer) == (State.UNISSUED, Layer.POOL)


@pytest.mark.parametrize("defect", [Defect.LUHN, Defect.TOO_SHORT, Defect.NON_DIGIT])
def test_negative_cards_are_issued_and_their_good_numbers_are_not(submit, small_range, defect):
    job = done(submit, range=small_range.name, count=5, defect=defect)
    negative = [pan for pan in Card.objects.values_list("pan", flat=True) if pan.isdigit()]
    assert states(negative) == [State.ISSUED] * len(negative)
    assert all(found.owner == job.id for found in check(negative))
    assert states(pans_from(small_range, 0, 5)) == [State.UNISSUED] * 5


def test_sequential_cards_are_found(submit):
    owned = register(iin="99999902", pan_length=16)
    job = done(submit, range=owned.name, count=10, sequential=True)
    numbers = list(Card.objects.values_list("pan", flat=True))
    assert states(numbers) == [State.ISSUED] * 10
    assert {found.owner for found in check(numbers)} == {job.id}


def test_claimed_numbers_belong_to_the_claim(api, submit, small_range):
    (number,) = pans_from(small_range, 50, 1)
    api.post("/api/v1/cards/claim", {"range": small_range.name, "numbers": [number]})
    done(submit, range=small_range.name, count=100)
    (found,) = check([number])
    assert found.owner == Job.objects.get(chunks__slots=[found.slot]).id
    assert states([number]) == [State.ISSUED]


def test_purged_cards_stay_issued(submit, small_range):
    job = done(submit, range=small_range.name, count=10)
    Card.objects.all().delete()
    Reservation.objects.update(purged=True)
    (found,) = check(pans_from(small_range, 3, 1))
    assert (found.state, found.owner, found.layer) == (State.ISSUED, job.id, Layer.POOL)
    assert states(pans_from(small_range, 3, 1)) == [State.ISSUED]


@pytest.mark.django_db(transaction=True)
def test_a_sealed_filter_says_no_and_never_about_an_issued_number(submit, small_range):
    done(submit, range=small_range.name, count=600)
    owner = uuid4()
    reserve(issuer_range=small_range, count=400, owner=owner)
    settlement.release(owner)  # behind the cursor, and nobody holds them
    sync(seconds=60)
    every = pans_from(small_range, 0, 1000)
    for _ in range(3):
        found = check(every)
    assert [f.state for f in found] == [State.ISSUED] * 600 + [State.UNISSUED] * 400
    layers = {f.layer for f in found[600:]}
    assert Layer.FILTER in layers
    assert states(every) == [State.ISSUED] * 600 + [State.UNISSUED] * 400


def test_job_and_label_are_told_to_those_who_may_see_them(api, submit, small_range, other_user):
    job = done(submit, range=small_range.name, count=10, label="night run")
    body = {"numbers": [*pans_from(small_range, 3, 1), *pans_from(small_range, 900, 1)]}
    mine = api.post("/api/v1/cards/check", body).json()["results"]
    assert [one["place"] for one in mine] == [0, 1]
    assert mine[0] == {
        "place": 0,
        "state": "issued",
        "layer": "pool",
        "range": small_range.name,
        "tier": "owned",
        "job": str(job.id),
        "label": "night run",
    }
    assert mine[1]["state"] == "unissued"
    api.force_authenticate(other_user)
    (theirs, _) = api.post("/api/v1/cards/check", body).json()["results"]
    assert (theirs["state"], theirs["job"], theirs["label"]) == ("issued", None, None)


def test_hashes_of_the_command_are_as_good_as_numbers(api, submit, small_range):
    done(submit, range=small_range.name, count=10)
    hashed = run("hash_numbers", stdin="\n".join(pans_from(small_range, 3, 1)) + "\n").stdout
    answer = api.post("/api/v1/cards/check", {"hashes": [hashed.strip(), "00" * 16]})
    assert [found["state"] for found in answer.json()["results"]] == ["issued", "unknown"]


def test_a_wrong_hash_is_named_by_its_place(api):
    answer = api.post("/api/v1/cards/check", {"hashes": ["00" * 16, "00" * 15]})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/hashes/1"]


def test_the_hash_can_be_made_elsewhere_from_the_key(small_range):
    out = StringIO()
    call_command("hash_numbers", key=True, stdout=out)
    encryptor = Cipher(algorithms.AES(bytes.fromhex(out.getvalue())), modes.ECB()).encryptor()
    number = pans_from(small_range, 3, 1)[0]
    block = len(number).to_bytes(8, "big") + int(number).to_bytes(8, "big")
    assert encryptor.update(block) == tokens(np.array([number], dtype="S"))[0].tobytes()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"numbers": []},
        {"hashes": []},
        {"numbers": ["1"] * 10_001},
        {"numbers": ["1"], "hashes": ["00" * 16]},
        {"hashes": ["00" * 15]},
        {"hashes": ["zz" * 16]},
        {"hashes": [7]},
        {"hashes": ["00 " * 16]},
        {"numbers": ["4½"]},
        {"number": ["1"]},
    ],
)
def test_wrong_questions_are_refused(api, wrong):
    answer = api.post("/api/v1/cards/check", wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_spaces_and_dashes_are_taken_out(api, submit, small_range):
    done(submit, range=small_range.name, count=10)
    (number,) = pans_from(small_range, 3, 1)
    body = {"numbers": [f"{number[:4]} {number[4:8]}-{number[8:]}"]}
    assert api.post("/api/v1/cards/check", body).json()["results"][0]["state"] == "issued"


def test_a_number_that_is_not_ours_leaves_no_trace(api, caplog):
    number = "4929123456781230"
    api.post("/api/v1/cards/check", {"numbers": [number]})
    assert number not in caplog.text
    assert not Exclusion.objects.filter(pan=number).exists()
    assert check([number], hints=True)[0].layer != Layer.CACHE


def test_the_pool_answers_for_whole_spans_and_not_for_the_slots_stepped_over(submit, small_range):
    exclude_slots(small_range, 3, 7)
    job = done(submit, range=small_range.name, count=10)
    held = Reservation.objects.get(owner=job.id)
    assert held.holes == [small_range.first_slot + 3, small_range.first_slot + 7]
    found = check(pans_from(small_range, 0, 12))
    assert [one.layer for one in found].count(Layer.POOL) == 10
    assert [found[place].state for place in (3, 7)] == [State.EXCLUDED] * 2
    assert {one.owner for one in found if one.state is State.ISSUED} == {job.id}
    assert states(pans_from(small_range, 0, 12)).count(State.ISSUED) == 10


def test_a_span_that_is_not_minted_to_the_end_is_looked_up(submit, small_range, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    submit(range=small_range.name, count=200)
    lease = work.lease_next()
    assert lease is not None
    work.execute(lease)
    found = check(pans_from(small_range, 0, 200))
    assert Counter(one.state for one in found) == {State.ISSUED: 100, State.UNISSUED: 100}
    assert {one.layer for one in found} == {Layer.INDEX}


def test_numbers_of_negative_cards_are_not_taken_for_those_of_their_slots(submit, small_range):
    job = done(submit, range=small_range.name, count=5, defect=Defect.LUHN)
    assert Reservation.objects.get(owner=job.id).holes is None
    assert {one.layer for one in check(pans_from(small_range, 0, 5))} == {Layer.INDEX}


def test_an_issued_number_excluded_later_stays_issued(submit, small_range):
    done(submit, range=small_range.name, count=10)
    exclude_slots(small_range, 4)
    assert states(pans_from(small_range, 4, 1)) == [State.ISSUED]


def test_so_many_spans_that_the_ledger_is_asked(submit, small_range, monkeypatch):
    for _ in range(3):
        done(submit, range=small_range.name, count=2)
    monkeypatch.setattr("uniqueness.check.issued_spans._MOST_SPANS", 2)
    found = check(pans_from(small_range, 0, 6))
    assert {(one.state, one.layer) for one in found} == {(State.ISSUED, Layer.INDEX)}
    assert len({one.owner for one in found}) == 3


def test_the_same_number_twice_in_one_question(submit, small_range):
    done(submit, range=small_range.name, count=10)
    exclude_slots(small_range, 20)
    numbers = [
        *pans_from(small_range, 3, 1),
        *pans_from(small_range, 20, 1),
        *pans_from(small_range, 30, 1),
    ]
    assert states(numbers * 2) == [State.ISSUED, State.EXCLUDED, State.UNISSUED] * 2


def test_more_numbers_than_the_cache_is_asked_for(submit, small_range):
    done(submit, range=small_range.name, count=600)
    assert {one.layer for one in check(pans_from(small_range, 0, 600))} == {Layer.POOL}
    assert {one.layer for one in check(pans_from(small_range, 0, 600))} == {Layer.POOL}
