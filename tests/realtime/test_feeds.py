"""What a socket says, and when."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

import asyncio
from collections.abc import Iterator
from itertools import chain, count, repeat
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client
from django.urls import path

from jobs import states
from jobs.models import Job, Status
from realtime.announce import announce
from realtime.feeds import Feed, JobFeed
from realtime.sources import Source
from tests.realtime.conftest import MakeJob
from tests.realtime.sockets import Socket, browser, opened
from tests.support.keys import make_user
from tests.support.work import mint_one_chunk


def test_a_socket_starts_with_the_figures_of_its_job(session: Client, make_job: MakeJob) -> None:
    job = make_job(count=7)

    async def scenario() -> dict[str, Any]:
        async with opened(f"/ws/jobs/{job.id}", browser(session)) as socket:
            return await socket.job()

    assert async_to_sync(scenario)() == {
        "type": "job",
        "id": str(job.id),
        "version": 1,
        "status": "queued",
        "requested": 7,
        "produced": 0,
        "rate": None,
        "eta_seconds": None,
    }


@pytest.mark.usefixtures("no_rereading")
@pytest.mark.parametrize("one", [True, False])
def test_a_commit_reaches_the_watchers_of_the_job_and_of_its_owner(
    session: Client, make_job: MakeJob, one: bool
) -> None:
    job = make_job(count=7)

    async def scenario() -> dict[str, Any]:
        where = f"/ws/jobs/{job.id}" if one else "/ws/jobs"
        async with opened(where, browser(session)) as socket:
            await socket.job()
            await sync_to_async(mint_one_chunk)(job)
            return await socket.job()

    last = async_to_sync(scenario)()
    assert (last["status"], last["produced"]) == ("succeeded", 7)


def test_a_lost_message_is_made_up_for_by_reading_again(
    session: Client, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Source, "reread_seconds", 0.5)
    job = make_job()

    async def scenario() -> dict[str, Any]:
        async with opened(f"/ws/jobs/{job.id}", browser(session)) as socket:
            await socket.job()
            await sync_to_async(states.move)(job.id, to=Status.CANCELLED)  # tells nobody
            return await socket.job()

    assert async_to_sync(scenario)()["status"] == "cancelled"


def test_an_older_version_is_never_sent_after_a_newer_one(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Source, "reread_seconds", 0.3)
    job_id = uuid4()
    versions = chain([5, 3, 5], repeat(6))

    async def scenario() -> list[int]:
        socket = Socket(f"/ws/jobs/{job_id}", {}, _feed_of(job_id, versions))
        await socket.connect()
        seen = [(await socket.job())["version"], (await socket.job())["version"]]
        await socket.communicator.disconnect()
        return seen

    assert async_to_sync(scenario)() == [5, 6]


@pytest.mark.usefixtures("no_rereading")
def test_many_messages_cost_few_readings(transactional_db: None) -> None:
    job_id = uuid4()
    reads: list[int] = []

    def counted() -> Iterator[int]:
        for version in range(1, 1000):
            reads.append(version)
            yield version

    async def scenario() -> None:
        socket = Socket(f"/ws/jobs/{job_id}", {}, _feed_of(job_id, counted()))
        await socket.connect()
        await socket.job()
        for version in range(100, 300):
            await sync_to_async(announce)(job_id=job_id, owner_id=1, version=version)
        assert not await socket.silent(seconds=1)
        await socket.communicator.disconnect()

    async_to_sync(scenario)()
    # 200 messages take well under two seconds, in which at most four readings a second are allowed.
    assert 2 <= len(reads) <= 20


@pytest.mark.usefixtures("no_rereading")
def test_a_message_with_an_old_version_causes_no_reading(
    session: Client, make_job: MakeJob
) -> None:
    job = make_job()

    async def scenario() -> bool:
        async with opened(f"/ws/jobs/{job.id}", browser(session)) as socket:
            await socket.job()
            await sync_to_async(Job.objects.filter(id=job.id).update)(version=2)
            await sync_to_async(announce)(job_id=job.id, owner_id=job.owner_id, version=1)
            return await socket.silent(seconds=1)

    assert async_to_sync(scenario)()


@pytest.mark.usefixtures("no_rereading")
def test_a_job_made_later_shows_up_among_all_jobs(session: Client, make_job: MakeJob) -> None:
    async def scenario() -> tuple[Job, dict[str, Any]]:
        async with opened("/ws/jobs", browser(session)) as socket:
            job = await sync_to_async(make_job)()
            await sync_to_async(announce)(job_id=job.id, owner_id=job.owner_id, version=1)
            return job, await socket.job()

    job, seen = async_to_sync(scenario)()
    assert seen["id"] == str(job.id)


def test_all_jobs_are_all_of_mine_and_no_others(
    session: Client, stranger: Client, make_job: MakeJob
) -> None:
    make_job(user=User.objects.get(username="stranger"))
    mine = {str(make_job().id), str(make_job().id)}

    async def scenario() -> set[str]:
        async with opened("/ws/jobs", browser(session)) as socket:
            seen = {(await socket.job())["id"], (await socket.job())["id"]}
            assert await socket.silent(seconds=0.5)
            return seen

    assert async_to_sync(scenario)() == mine


def test_a_socket_is_closed_soon_after_its_session_ends(
    session: Client, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Source, "reread_seconds", 0.3)
    monkeypatch.setattr(Feed, "recheck_seconds", 0.1)
    job = make_job()

    async def scenario() -> int:
        socket = Socket(f"/ws/jobs/{job.id}", browser(session))
        await socket.connect()
        await sync_to_async(Session.objects.all().delete)()
        return await socket.closing()

    assert async_to_sync(scenario)() == 4401


def test_a_socket_is_closed_when_the_job_is_no_longer_the_watchers(
    session: Client, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Source, "reread_seconds", 0.3)
    job = make_job()
    other = make_user("other")

    async def scenario() -> int:
        socket = Socket(f"/ws/jobs/{job.id}", browser(session))
        await socket.connect()
        await sync_to_async(Job.objects.update)(owner=other)
        return await socket.closing()

    assert async_to_sync(scenario)() == 4404


def test_small_frames_are_ignored(session: Client, make_job: MakeJob) -> None:
    job = make_job()

    async def scenario() -> bool:
        async with opened(f"/ws/jobs/{job.id}", browser(session)) as socket:
            await socket.job()
            await socket.communicator.send_to(text_data="x" * 4096)
            await socket.communicator.send_to(bytes_data=b"\0")
            return await socket.silent(seconds=0.5)

    assert async_to_sync(scenario)()


@pytest.mark.parametrize(("frames", "code"), [(["é" * 2049], 1009), (["x"] * 101, 4429)])
def test_big_frames_and_floods_end_the_socket(
    session: Client, make_job: MakeJob, frames: list[str], code: int
) -> None:
    job = make_job()

    async def scenario() -> int:
        socket = Socket(f"/ws/jobs/{job.id}", browser(session))
        await socket.connect()
        for frame in frames:
            await socket.communicator.send_to(text_data=frame)
        return await socket.closing()

    assert async_to_sync(scenario)() == code


def test_a_socket_that_ended_leaves_nothing_in_the_channel_layer(
    session: Client, make_job: MakeJob
) -> None:
    job = make_job()

    async def scenario() -> tuple[dict[str, object], dict[str, object]]:
        async with opened(f"/ws/jobs/{job.id}", browser(session)):
            pass
        layer = get_channel_layer()
        return layer.groups, layer.channels

    assert async_to_sync(scenario)() == ({}, {})


@pytest.mark.usefixtures("no_rereading")
def test_all_sockets_of_a_user_share_a_reading(transactional_db: None) -> None:
    job_id, version, reads = uuid4(), [1], list[int]()

    def counted() -> Iterator[int]:
        while True:
            reads.append(version[0])
            yield version[0]

    app = _feed_of(job_id, counted())

    async def scenario() -> set[int]:
        sockets = [Socket(f"/ws/jobs/{job_id}", {}, app) for _ in range(50)]
        await asyncio.gather(*(socket.connect() for socket in sockets))
        seen = {(await socket.job())["version"] for socket in sockets}
        version[0] = 2
        await sync_to_async(announce)(job_id=job_id, owner_id=1, version=2)
        seen |= {10 * (await socket.job())["version"] for socket in sockets}
        for socket in sockets:
            await socket.communicator.disconnect()
        return seen

    assert async_to_sync(scenario)() == {1, 20}
    assert len(reads) < 20


@pytest.mark.usefixtures("no_rereading")
def test_who_comes_later_is_told_what_was_read_after_they_came(transactional_db: None) -> None:
    job_id = uuid4()
    app = _feed_of(job_id, count(1))

    async def scenario() -> list[int]:
        first, second = (Socket(f"/ws/jobs/{job_id}", {}, app) for _ in range(2))
        await first.connect()
        seen = [(await first.job())["version"]]
        await second.connect()
        seen.append((await second.job())["version"])
        await second.communicator.disconnect()
        await sync_to_async(announce)(job_id=job_id, owner_id=1, version=1_000)
        seen.append((await first.job())["version"])
        await first.communicator.disconnect()
        return seen

    assert async_to_sync(scenario)() in ([1, 2, 2], [1, 2, 3])


@pytest.mark.usefixtures("no_rereading")
def test_many_are_told_more_seldom_and_of_the_newest(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Source, "seconds_for_each", 1.0)
    job_id = uuid4()
    app = _feed_of(job_id, count(1))

    async def scenario() -> tuple[bool, int, int]:
        socket = Socket(f"/ws/jobs/{job_id}", {}, app)
        await socket.connect()
        first = (await socket.job())["version"]
        await sync_to_async(announce)(job_id=job_id, owner_id=1, version=1_000)
        early = not await socket.silent(seconds=0.5)
        last = (await socket.job())["version"]
        await socket.communicator.disconnect()
        return early, first, last

    assert async_to_sync(scenario)() == (False, 1, 2)


def test_users_share_no_reading(session: Client, stranger: Client, make_job: MakeJob) -> None:
    job = make_job()

    async def scenario() -> tuple[bool, Any]:
        async with opened(f"/ws/jobs/{job.id}", browser(session)):
            return await Socket(f"/ws/jobs/{job.id}", browser(stranger)).connect()

    assert async_to_sync(scenario)() == (False, 4404)


def test_a_reader_that_fails_ends_all_its_sockets(transactional_db: None) -> None:
    job_id = uuid4()
    app = _feed_of(job_id, iter([1, 1]))

    async def scenario() -> list[int]:
        sockets = [Socket(f"/ws/jobs/{job_id}", {}, app) for _ in range(2)]
        for socket in sockets:
            await socket.connect()
        await sync_to_async(announce)(job_id=job_id, owner_id=1, version=2)
        return [await socket.closing() for socket in sockets]

    assert async_to_sync(scenario)() == [4503, 4503]


def _feed_of(job_id: UUID, versions: Iterator[int]) -> Any:
    """Serve a feed whose reader finds these versions, one after another."""

    def read(viewer: object, wanted: UUID) -> dict[str, Any]:
        version = next(versions, None)
        if version is None:
            raise OperationalError
        return {"type": "job", "id": str(wanted), "version": version}

    feed = JobFeed(identify=lambda *_: User(pk=1), snapshot=read)
    return URLRouter([path("ws/jobs/<uuid:job_id>", feed)])
