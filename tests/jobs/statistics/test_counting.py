"""Cards are counted by day where they are issued, once, and stay counted."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Sum

from cardgen.embedded import paths
from cardgen.management.grants import grant
from jobs import control, statistics, upkeep, work
from jobs.models import Chunk, DailyFigure, Job
from jobs.orders import Origin
from jobs.orders.at_once import generate
from jobs.planning import TooFewLastFours
from tests.support.actors import somebody
from tests.support.claims import claim
from tests.support.fixtures import an_order
from tests.support.slots import exclude_slots, pans_from
from tests.support.teams import make_team
from tests.support.threads import at_once
from tests.support.work import LONG, mint_one_chunk
from uniqueness.models import Card

NOW = "/api/v1/cards/generate"


def counted(**only: object) -> int:
    return DailyFigure.objects.filter(**only).aggregate(n=Sum("cards", default=0))["n"]


def rows() -> list[tuple]:
    columns = ("day", "owner_id", "team_id", "issuer_range_id", "stripe", "cards")
    return sorted(DailyFigure.objects.values_list(*columns), key=str)


def generate_some(owner: User, *, count: int) -> int:
    job, _ = generate(order=an_order(count=count), origin=Origin(owner=owner))
    return job.produced


def today() -> date:
    return datetime.now(tz=UTC).date()


def test_a_job_of_many_chunks_is_counted(submit, user, small_range, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    team = make_team("checkout", user)
    submit(range=small_range.name, count=450, team="checkout")
    work.work(duration=LONG)
    assert Chunk.objects.count() == 5
    assert counted() == 450
    assert counted(day=today(), owner=user, team=team, issuer_range=small_range) == 450


def test_cards_are_counted_before_the_application_has_rights_to_the_figures(user, catalogue):
    """`migrate` gives rights after its last migration; the service works all the while."""
    grant(paths.APPLICATION, using="default")
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON jobs_dailyfigure FROM {paths.APPLICATION}")
        cursor.execute(f"SET ROLE {paths.APPLICATION}")
        produced = generate_some(user, count=3)
        cursor.execute("RESET ROLE")
    assert counted() == produced == 3


def test_a_small_order_is_counted(api, user, catalogue):
    job = api.post(NOW, {"scheme": "visa", "count": 7}).json()["job"]
    (item,) = Job.objects.get(id=job).items.all()
    assert counted(owner=user, team=None, issuer_range=item.issuer_range) == counted() == 7


def test_claimed_numbers_are_counted(api, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 500, 3))
    assert counted(issuer_range=small_range) == counted() == 3


def test_the_cards_of_a_cancelled_job_are_counted_as_they_are(submit, settings, small_range):
    settings.CARDGEN_CHUNK_CARDS = 100
    job = submit(range=small_range.name, count=450)
    mint_one_chunk(job)
    control.cancel(job, actor=somebody())
    work.work(duration=LONG)
    assert counted() == Card.objects.count() == 100


def test_what_is_left_out_is_not_counted_twice(submit, small_range):
    submit(range=small_range.name, count=400)
    exclude_slots(small_range, 1, 2, 3)
    work.work(duration=LONG)
    assert counted() == Card.objects.count() == 400


def test_what_is_rolled_back_is_not_counted(submit, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise TooFewLastFours("none")

    job = submit(count=10)
    monkeypatch.setattr("jobs.work.minting._plan_more", refuse)
    mint_one_chunk(job)
    assert Job.objects.get().status == "failed"
    assert counted() == Card.objects.count() == 0


def test_all_at_once_are_counted(owner):
    assert at_once(8, lambda _: generate_some(owner, count=5)) == [5] * 8
    assert counted(owner=owner) == Card.objects.count() == 40


def test_figures_stay_when_cards_and_jobs_go(submit):
    job = submit(count=10)
    work.work(duration=LONG)
    before = rows()
    Job.objects.update(finished_at=F("finished_at") - timedelta(days=9))
    assert sum(upkeep.purge_cards(Job.objects.get(id=job.id))) == 10
    assert sum(upkeep.forget_jobs(days=1)) == 1
    assert not Job.objects.exists()
    assert rows() == before


def test_past_days_are_folded_and_today_is_left_as_it_is(submit, user, small_range):
    for days, stripe in ((0, 1), (0, 2), (5, 0), (5, 1), (5, 2), (6, 3)):
        DailyFigure.objects.create(
            day=today() - timedelta(days=days),
            owner=user, issuer_range=small_range, stripe=stripe, cards=10 + stripe,
        )  # fmt: skip
    for _ in range(2):
        statistics.fold()
        found = DailyFigure.objects.order_by("day", "stripe").values_list("stripe", "cards")
        assert list(found) == [(0, 13), (0, 33), (1, 11), (2, 12)]


def test_what_was_issued_before_is_counted_once_by_the_migration(submit, user):
    back_fill = import_module("jobs.migrations.0015_figures_of_before").COUNT_BEFORE
    submit(count=10), submit(count=20)
    work.work(duration=LONG)
    Job.objects.filter(requested=20).update(progressed_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM jobs_dailyfigure")
        for _ in range(2):
            cursor.execute(back_fill)
    assert {row[0]: row[-1] for row in rows()} == {today(): 10, date(2026, 3, 1): 20}
