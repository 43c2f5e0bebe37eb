"""Expiry months at both ends: too far for two digits of a year, and over in every time zone."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from generation.months import LAST_EXPIRY, ExpiryTooFar
from jobs import control, results, work
from jobs.models import Job
from jobs.orders import Origin, renew_cards, serializers
from tests.support.answers import LATER, NOW, assert_problem
from tests.support.commands import run
from tests.support.fixtures import silent
from toolkit.exit_codes import ExitCode
from uniqueness.models import Renewal

ORDER = {"scheme": "visa", "count": 3}
TOO_FAR = "December 2049 at the latest"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)  # the moment at which the last time zone is in January


@pytest.fixture
def clock(monkeypatch):
    """What the serializers take for now."""

    def at(now: datetime) -> None:
        monkeypatch.setattr(serializers, "timezone", SimpleNamespace(now=lambda: now))

    return at


@pytest.fixture
def late(submit) -> dict:
    """A card that expires in the last month."""
    job = submit(count=1, first_month=LAST_EXPIRY, months=1)
    work.work(duration=timedelta(seconds=60))
    (card,), _ = results.page(job, limit=1)
    return card


@pytest.mark.parametrize("url", [NOW, LATER])
@pytest.mark.parametrize("expiry", ["2050-01", "2099-12", "2100-01", "9999-12"])
def test_a_year_that_terminals_take_for_the_past_is_refused(api, url, expiry):
    problem = assert_problem(api.post(url, ORDER | {"expiry": expiry}), 400, "invalid_request")
    (error,) = problem["errors"]
    assert error["pointer"] == "/expiry"
    assert TOO_FAR in error["detail"]
    assert not Job.objects.exists()


def test_the_last_month_that_terminals_understand_is_taken(api):
    order = ORDER | {"expiry": "2049-12", "fields": ["expiry"]}
    assert {card["expiry"] for card in api.post(NOW, order).json()["cards"]} == {"12/49"}


def test_a_window_that_ends_too_far_is_refused(api, clock):
    clock(datetime(2030, 1, 1, tzinfo=UTC))
    for most, code in ((239, 201), (240, 400)):
        window = {"min_months": 12, "max_months": most}
        assert api.post(NOW, ORDER | {"expiry": window}).status_code == code


def test_claimed_numbers_do_not_expire_too_late_either(api):
    body = {"range": "476173-16", "ending": "77", "count": 1, "expiry": "2050-01"}
    problem = assert_problem(api.post("/api/v1/cards/claim", body), 400, "invalid_request")
    assert TOO_FAR in problem["detail"]


def test_the_command_refuses_it_too(user, catalogue):
    ended = run("generate_cards", "--scheme=visa", "--count=1", "--expiry=2050-01", "--user=tester")
    assert ended.returncode == ExitCode.BAD_REQUEST
    assert TOO_FAR in ended.stderr


def test_a_clone_whose_window_moves_too_far_is_refused(submit, user):
    job = submit(count=1, first_month=LAST_EXPIRY, months=1)
    twin = control.clone(job, origin=Origin(owner=user), ring=silent, now=job.created_at)
    assert twin.first_month == LAST_EXPIRY
    later = job.created_at + timedelta(days=31)
    with pytest.raises(ExpiryTooFar, match=TOO_FAR):
        control.clone(job, origin=Origin(owner=user), ring=silent, now=later)
    assert Job.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_renewal_that_terminals_take_for_the_past_is_refused(api, late):
    body = {"numbers": [late["pan"]], "months": 1}
    problem = assert_problem(api.post("/api/v1/cards/renew", body), 422, "expiry_too_far")
    assert TOO_FAR in problem["detail"]
    ended = run("renew_cards", "--months=1", "--user=tester", stdin=late["pan"])
    assert (ended.returncode, ended.stdout) == (ExitCode.BAD_REQUEST, "")
    assert TOO_FAR in ended.stderr
    assert not Renewal.objects.exists()


def test_all_are_renewed_or_none(submit, user, late):
    job = submit(count=1, first_month=LAST_EXPIRY - 36, months=1)
    work.work(duration=timedelta(seconds=60))
    (card,), _ = results.page(job, limit=1)
    with pytest.raises(ExpiryTooFar):
        renew_cards(numbers=[card["pan"], late["pan"]], origin=Origin(owner=user))
    assert not Renewal.objects.exists()
    renewed = renew_cards(numbers=[card["pan"]], origin=Origin(owner=user), fields=["expiry"])
    assert renewed == [{"expiry": "12/49"}]


@pytest.mark.parametrize(
    ("now", "latest"), [(NOON - timedelta(seconds=1), "2026-11"), (NOON, "2026-12")]
)
def test_expired_cards_have_expired_in_every_time_zone(api, clock, now, latest):
    clock(now)
    fields = ["expiry_year", "expiry_month"]
    order = {"scheme": "visa", "count": 300, "defect": "expired", "fields": fields}
    cards = api.post(NOW, order).json()["cards"]
    months = {f"{card['expiry_year']}-{card['expiry_month']:02d}" for card in cards}
    assert max(months) == latest  # of 300 over 36 months, some expired last
