"""A team's jobs over WebSockets: its members hear of them, and who leaves hears no more."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client

from jobs import orders, work
from jobs.models import Job, Team
from jobs.orders import Origin, at_once
from realtime import announce
from realtime.feeds import Feed
from realtime.sources import Source
from tests.realtime.sockets import Socket, browser, opened
from tests.support.fixtures import an_order, silent
from tests.support.keys import make_user
from tests.support.teams import make_team
from tests.support.work import mint_one_chunk

MakeTeamJob = Callable[[], Job]


@pytest.fixture
def member(owner: User) -> User:
    """Another member of the owner's team."""
    return make_user("member")


@pytest.fixture
def team(owner: User, member: User) -> Team:
    """The owner's team."""
    return make_team("checkout", owner, member)


@pytest.fixture
def page(member: User) -> Client:
    """The member's session."""
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def make_team_job(owner: User, team: Team) -> MakeTeamJob:
    """Submit a job for the team without ringing for workers."""
    order = an_order(team=team.name)
    return lambda: orders.submit(order=order, origin=Origin(owner=owner), ring=silent)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have sockets asked again soon."""
    monkeypatch.setattr(Source, "reread_seconds", 0.3)
    monkeypatch.setattr(Feed, "recheck_seconds", 0.1)


@pytest.mark.usefixtures("no_rereading")
@pytest.mark.parametrize("one", [True, False])
def test_a_commit_reaches_the_members_of_the_team(
    page: Client, make_team_job: MakeTeamJob, one: bool
) -> None:
    job = make_team_job()

    async def scenario() -> dict[str, Any]:
        async with opened(f"/ws/jobs/{job.id}" if one else "/ws/jobs", browser(page)) as socket:
            await socket.job()
            await sync_to_async(mint_one_chunk)(job)
            return await socket.job()

    last = async_to_sync(scenario)()
    assert (last["status"], last["produced"]) == ("succeeded", 10)


@pytest.mark.usefixtures("no_rereading")
def test_a_new_job_shows_up_among_those_of_its_team(
    page: Client, make_team_job: MakeTeamJob
) -> None:
    async def scenario() -> tuple[Job, dict[str, Any]]:
        async with opened("/ws/jobs", browser(page)) as socket:
            job = await sync_to_async(make_team_job)()
            await sync_to_async(work.announce)(job.id, always=True)
            return job, await socket.job()

    job, seen = async_to_sync(scenario)()
    assert seen["id"] == str(job.id)


@pytest.mark.usefixtures("no_rereading")
def test_an_order_answered_at_once_shows_up_too(page: Client, owner: User, team: Team) -> None:
    order = an_order(team=team.name)

    async def scenario() -> tuple[Job, dict[str, Any]]:
        async with opened("/ws/jobs", browser(page)) as socket:
            job, _ = await sync_to_async(at_once.generate)(order=order, origin=Origin(owner=owner))
            await sync_to_async(announce._soon.flush)()
            return job, await socket.job()

    job, seen = async_to_sync(scenario)()
    assert seen["id"] == str(job.id)


@pytest.mark.usefixtures("team")
def test_a_stranger_gets_no_socket_of_the_teams_job(
    stranger: Client, make_team_job: MakeTeamJob
) -> None:
    job = make_team_job()

    async def scenario() -> tuple[tuple[bool, Any], bool]:
        one = await Socket(f"/ws/jobs/{job.id}", browser(stranger)).connect()
        async with opened("/ws/jobs", browser(stranger)) as socket:
            await sync_to_async(mint_one_chunk)(job)
            return one, await socket.silent(seconds=1)

    assert async_to_sync(scenario)() == ((False, 4404), True)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(("one", "code"), [(True, 4404), (False, 4503)])
def test_a_socket_is_closed_once_its_viewer_has_left(
    page: Client, member: User, team: Team, make_team_job: MakeTeamJob, one: bool, code: int
) -> None:
    job = make_team_job()

    async def scenario() -> int:
        socket = Socket(f"/ws/jobs/{job.id}" if one else "/ws/jobs", browser(page))
        await socket.connect()
        await socket.job()
        await sync_to_async(team.members.remove)(member)
        return await socket.closing()

    assert async_to_sync(scenario)() == code


@pytest.mark.usefixtures("no_rereading")
def test_a_list_tells_nothing_more_from_the_moment_its_viewer_has_left(
    page: Client, member: User, team: Team, make_team_job: MakeTeamJob
) -> None:
    job = make_team_job()

    async def scenario() -> bool:
        async with opened("/ws/jobs", browser(page)) as socket:
            await socket.job()
            await sync_to_async(team.members.remove)(member)
            await sync_to_async(mint_one_chunk)(job)
            return await socket.silent(seconds=1)

    assert async_to_sync(scenario)()


@pytest.mark.usefixtures("short")
def test_a_list_comes_back_once_its_viewer_has_joined_a_team(
    page: Client, member: User, team: Team, make_team_job: MakeTeamJob
) -> None:
    job = make_team_job()
    team.members.remove(member)

    async def scenario() -> tuple[int, str]:
        socket = Socket("/ws/jobs", browser(page))
        await socket.connect()
        await sync_to_async(team.members.add)(member)
        code = await socket.closing()
        async with opened("/ws/jobs", browser(page)) as again:
            return code, (await again.job())["id"]

    assert async_to_sync(scenario)() == (4503, str(job.id))


def test_a_list_that_ended_leaves_nothing_in_the_channel_layer(page: Client, team: Team) -> None:
    async def scenario() -> tuple[set[str], dict[str, object]]:
        layer = get_channel_layer()
        async with opened("/ws/jobs", browser(page)):
            heard = set(layer.groups)
        return heard, layer.groups

    heard, left = async_to_sync(scenario)()
    assert any(group.endswith(f"team.{team.pk}") for group in heard)
    assert left == {}
