"""Cards of a profile from the command line: what is typed comes before what the profile says."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User

from generation.models import IssuerRange
from jobs.models import Job, OrderProfile
from tests.support.commands import run
from tests.support.keys import make_user
from tests.support.teams import make_team
from toolkit.exit_codes import ExitCode

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "checkout smoke"
BODY = {
    "scheme": "visa",
    "count": 20,
    "label": "smoke",
    "fields": ["pan", "cvv"],
    "distinct_last_four": True,
    "cvv": "123",
}


@pytest.fixture
def ann(catalogue: None) -> User:
    """A tester."""
    return make_user("ann")


def save(owner: User, **changes: Any) -> OrderProfile:
    team = owner.teams.filter(name=changes.get("team")).first()
    return OrderProfile.objects.create(
        owner=owner, place=0, name=NAME, body=BODY | changes, team=team
    )


def cards(*options: str) -> list[dict[str, str]]:
    """Order for ann from the profile; return the rows of the file."""
    done = run("generate_cards", "--profile", NAME, "--user", "ann", *options)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_all_is_as_the_profile_says(ann: User) -> None:
    save(ann)
    rows = cards()
    assert [*rows[0]] == ["pan", "cvv"]
    assert (len(rows), {row["cvv"] for row in rows}) == (20, {"123"})
    job = Job.objects.get()
    assert (job.owner, job.label, job.fields) == (ann, "smoke", ["pan", "cvv"])
    assert job.distinct_last_four


def test_what_is_typed_comes_first(ann: User) -> None:
    save(ann)
    rows = cards(
        *("--range", "520473-16", "--count", "3", "--fields", "pan", "--cvv", "321"),
        *("--label", "other", "--no-distinct-last-four"),
    )
    assert [*rows[0]] == ["pan"]
    assert [row["pan"][:6] for row in rows] == ["520473"] * 3
    job = Job.objects.get()
    assert (job.label, job.cvv, job.distinct_last_four) == ("other", "321", False)


def test_lines_of_several_schemes_are_ordered(ann: User) -> None:
    profile = save(ann)
    lines = [{"scheme": "visa", "count": 2}, {"scheme": "mastercard", "count": 1}]
    OrderProfile.objects.filter(pk=profile.pk).update(body={"items": lines})
    assert sorted(row["pan"][0] for row in cards()) == ["4", "4", "5"]


def test_a_team_mates_will_do_and_a_strangers_is_not_there(ann: User) -> None:
    other = make_user("bob")
    team = make_team("checkout", ann, other)
    save(other, team="checkout")
    assert len(cards()) == 20
    assert Job.objects.get().team == team
    ann.teams.clear()
    done = run("generate_cards", "--profile", NAME, "--user", "ann")
    assert (done.returncode, done.stdout) == (2, "")
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "options", "code", "words"),
    [
        ({"expiry": "2020-01"}, (), 2, "--expiry: The expiry lies in the past"),
        ({"defect": "too_short"}, ("--fields", "track2"), 2, "track2"),
        ({"count": 2_000_000}, ("--format", "xlsx"), 2, "1,048,575"),
        ({"items": [{"scheme": "visa", "count": 2}]}, ("--count", "5"), 2, "items"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    ann: User, body: dict[str, Any], options: tuple[str, ...], code: int, words: str
) -> None:
    save(ann, **body)
    done = run("generate_cards", "--profile", NAME, "--user", "ann", *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert not Job.objects.exists()


def test_a_scheme_that_was_switched_off_is_refused(ann: User) -> None:
    save(ann)
    IssuerRange.objects.filter(scheme="visa").update(enabled=False)
    done = run("generate_cards", "--profile", NAME, "--user", "ann")
    assert (done.returncode, done.stdout) == (3, "")
    assert "switched off" in done.stderr
    assert not Job.objects.exists()


def test_a_profile_that_there_is_not_hides_no_refusal(ann: User) -> None:
    done = run(
        *("generate_cards", "--profile", "none", "--user", "ann"),
        *("--scheme", "visa", "--count", "0", "--team", "strangers"),
    )
    assert (done.returncode, done.stdout) == (ExitCode.BAD_REQUEST, "")
    assert "--profile: You have no profile of that name" in done.stderr
    assert "--team: You are in no team of that name" in done.stderr
    assert "--count: " in done.stderr
