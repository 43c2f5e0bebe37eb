"""Who is in a team: added by name, taken out, set for one user."""

import pytest
from django.contrib.auth.models import User

from cardgen.access import people
from cardgen.access.people import InvalidName
from jobs.models import Team
from tests.support.actors import entries, somebody
from tests.support.keys import make_user
from tests.support.teams import make_team


def told() -> list[tuple[str, str, list[str]]]:
    """Action, subject and who is in it now, the oldest first."""
    found = entries().order_by("id")
    return [(one.action, one.subject, (one.after or {})["members"]) for one in found]


def test_a_team_is_made_empty(db: None) -> None:
    people.make_team(name="checkout", actor=somebody())
    assert told() == [("make_team", "team checkout", [])]


@pytest.mark.parametrize(
    "name", ["", "-a", "A", "a b", "x" * 41, "for-4929123456781236", "checkout"]
)
def test_a_wrong_name_makes_no_team(db: None, name: str) -> None:
    make_team("checkout")
    with pytest.raises(InvalidName):
        people.make_team(name=name, actor=somebody())
    assert Team.objects.count() == 1
    assert not entries().exists()


def test_all_named_come_in_or_none(user: User, other_user: User) -> None:
    team = make_team("checkout")
    with pytest.raises(InvalidName, match="no user ann, bob"):
        people.add_members(team, ["tester", "bob", "ann"], actor=somebody())
    assert not team.members.exists()
    people.add_members(team, ["tester", "other"], actor=somebody())
    people.add_members(team, ["tester"], actor=somebody())
    assert told() == [("change_team", "team checkout", ["other", "tester"])]


def test_a_user_is_in_these_teams_and_no_others(db: None) -> None:
    ann = make_user("ann")
    left, kept, joined = make_team("left", ann), make_team("kept", ann), make_team("joined")
    people.set_teams(ann, [kept, joined], actor=somebody())
    assert set(ann.teams.all()) == {kept, joined}
    assert told() == [("change_team", "team left", []), ("change_team", "team joined", ["ann"])]
    people.remove_member(left, ann, actor=somebody())
    assert len(told()) == 2
