"""Renewals: the same number on a new card."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from generation.kernel.defects import Defect
from jobs import results, work
from jobs.orders import Origin, renew_cards
from jobs.orders.renewals import NotRenewable
from tests.support.answers import assert_problem
from tests.support.threads import at_once
from uniqueness.models import Renewal

URL = "/api/v1/cards/renew"


def minted(submit, **changes) -> list[dict]:
    job = submit(**changes)
    work.work(duration=timedelta(seconds=60))
    return results.page(job, limit=100)[0]


def months(card: dict) -> int:
    return card["expiry_year"] * 12 + card["expiry_month"]


def test_a_renewed_card_keeps_its_number_and_lasts_longer(api, submit):
    cards = minted(submit, count=3)
    numbers = [card["pan"] for card in cards][::-1]
    renewed = api.post(URL, {"numbers": numbers, "months": 24}).json()["results"]
    assert [card["pan"] for card in renewed] == numbers
    assert [months(new) - months(old) for new, old in zip(renewed, cards[::-1], strict=True)] == [
        24
    ] * 3
    assert {card["psn"] for card in renewed} == {"01"}


def test_each_renewal_has_the_next_sequence_number_and_another_cvv(api, submit):
    first = minted(submit, count=1)[0]
    cards = [first]
    for _ in range(3):
        cards += api.post(URL, {"numbers": [first["pan"]]}).json()["results"]
    assert [card.get("psn", "00") for card in cards] == ["00", "01", "02", "03"]
    assert len({card["cvv"] for card in cards}) > 1
    assert list(Renewal.objects.order_by("psn").values_list("psn", flat=True)) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_renewals_at_once_have_sequence_numbers_of_their_own(submit, user):
    number = minted(submit, count=1)[0]["pan"]
    renewed = at_once(
        8, lambda _: renew_cards(numbers=[number], origin=Origin(owner=user), term=6)[0]["psn"]
    )
    assert sorted(map(str, renewed)) == [f"{psn:02d}" for psn in range(1, 9)]


def test_one_number_that_cannot_be_renewed_refuses_all(api, submit):
    number = minted(submit, count=1)[0]["pan"]
    response = api.post(URL, {"numbers": [number, "4242424242424242"]})
    problem = assert_problem(response, 422, "not_renewable")
    assert problem["places"] == [1]
    assert "4242" not in problem["detail"]
    assert not Renewal.objects.exists()


def test_other_peoples_cards_cannot_be_renewed(submit, other_user: User):
    number = minted(submit, count=1)[0]["pan"]
    with pytest.raises(NotRenewable):
        renew_cards(numbers=[number], origin=Origin(owner=other_user))


def test_negative_cards_are_not_renewed(submit, user):
    card = minted(submit, count=1, defect=Defect.LUHN, month=2026 * 12)[0]
    with pytest.raises(NotRenewable):
        renew_cards(numbers=[card["pan"]], origin=Origin(owner=user))


def test_after_99_renewals_there_is_no_next(submit, user):
    number = minted(submit, count=1)[0]["pan"]
    renew_cards(numbers=[number], origin=Origin(owner=user))
    Renewal.objects.update(psn=99)
    with pytest.raises(NotRenewable):
        renew_cards(numbers=[number], origin=Origin(owner=user))


@pytest.mark.parametrize(
    "body",
    [{}, {"numbers": []}, {"numbers": ["1", "1"]}, {"numbers": ["4" * 16], "months": 0},
     {"numbers": ["x"]}, {"numbers": [str(n) for n in range(1001)]}],
)  # fmt: skip
def test_a_wrong_request_is_told_why(api, body):
    assert_problem(api.post(URL, body), 400, "invalid_request")
