"""Who may open a socket: origin, then session or key, then ownership."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django.fixtures import Settings

from cardgen.access.models import ApiKey
from realtime import feeds
from realtime.origin import OriginCheck
from tests.realtime.conftest import MakeJob
from tests.realtime.sockets import HOST, OURS, Socket, browser
from tests.support.keys import MINT, READ, create_key, make_user
from toolkit.rights import Right, Role
from toolkit.seats import Seats

ACCEPTED = (True, None)


def knock(path: str, headers: dict[str, str], *, client: str = "") -> tuple[bool, Any]:
    """Shake hands, hang up, and return the answer."""

    async def scenario() -> tuple[bool, Any]:
        socket = Socket(path, headers)
        if client:
            socket.communicator.scope["client"] = [client, 50_000]
        answer = await socket.connect()
        await socket.communicator.disconnect()
        return answer

    return async_to_sync(scenario)()


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1:3000",  # cookies ignore the port, so the check must not
        "http://127.0.0.1:8000.evil.example",
        "null",
        "",
    ],
)
def test_a_page_of_another_origin_is_refused_despite_the_session(
    session: Client, origin: str
) -> None:
    assert knock("/ws/jobs", browser(session, origin=origin)) == (False, 4403)


def test_a_page_of_ours_is_let_in(session: Client) -> None:
    assert knock("/ws/jobs", browser(session)) == ACCEPTED


def test_our_own_host_is_refused_if_it_is_not_an_allowed_host(session: Client) -> None:
    headers = browser(session, origin="http://rebound.example") | {"host": "rebound.example"}
    assert knock("/ws/jobs", headers) == (False, 4403)


def test_a_session_without_an_origin_is_refused(session: Client) -> None:
    headers = browser(session)
    del headers["origin"]
    assert knock("/ws/jobs", headers) == (False, 4403)


def test_nobody_is_closed_as_not_authenticated(transactional_db: None) -> None:
    assert knock("/ws/jobs", {"host": HOST, "origin": OURS}) == (False, 4401)


def test_a_session_that_ended_is_closed_as_not_authenticated(session: Client) -> None:
    headers = browser(session)
    session.logout()
    assert knock("/ws/jobs", headers) == (False, 4401)


def test_a_deactivated_user_is_closed_as_not_authenticated(session: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert knock("/ws/jobs", browser(session)) == (False, 4401)


def test_another_owners_job_is_closed_as_not_found(stranger: Client, make_job: MakeJob) -> None:
    assert knock(f"/ws/jobs/{make_job().id}", browser(stranger)) == (False, 4404)


def test_a_job_that_does_not_exist_is_closed_as_not_found(session: Client) -> None:
    assert knock(f"/ws/jobs/{uuid4()}", browser(session)) == (False, 4404)


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        (Role.VIEWER, (False, 4404)),
        (Role.TESTER, (False, 4404)),
        (Role.OPERATOR, ACCEPTED),
        (Role.ADMINISTRATOR, ACCEPTED),
    ],
)
def test_roles_say_whose_jobs_are_watched(make_job: MakeJob, role: Role, answer: Any) -> None:
    client = Client()
    client.force_login(make_user("ann", role=role))
    assert knock(f"/ws/jobs/{make_job().id}", browser(client)) == answer
    assert knock("/ws/jobs", browser(client)) == ACCEPTED


def test_somebody_without_a_role_watches_nothing(session: Client, owner: User) -> None:
    owner.groups.clear()
    assert knock("/ws/jobs", browser(session)) == (False, 4401)


@pytest.mark.parametrize("right", Right)
def test_a_key_watches_if_its_scope_says_so(owner: User, right: Right) -> None:
    owner.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    key = create_key(user=owner, name="one", scopes=[right])
    answer = ACCEPTED if right == Right.JOBS else (False, 4401)
    assert knock("/ws/jobs", {"host": HOST, "x-api-key": key}) == answer


@pytest.mark.parametrize(
    "stopped",
    [
        {"revoked_at": "2026-01-01T00:00Z"},
        {"suspended_at": "2026-01-01T00:00Z"},
        {"expires_at": "2026-01-01T00:00Z"},
        {"networks": ["10.0.0.0/8"]},
    ],
)
def test_a_key_that_was_stopped_watches_nothing(owner: User, stopped: dict[str, Any]) -> None:
    key = create_key(user=owner, name="harness")
    ApiKey.objects.update(**stopped)
    assert knock("/ws/jobs", {"host": HOST, "x-api-key": key}) == (False, 4401)


def test_a_key_watches_from_its_networks(owner: User) -> None:
    key = create_key(user=owner, name="harness")
    ApiKey.objects.update(networks=["10.0.0.0/8"])
    headers = {"host": HOST, "x-api-key": key}
    assert knock("/ws/jobs", headers, client="10.1.2.3") == ACCEPTED
    assert knock("/ws/jobs", headers, client="192.0.2.7") == (False, 4401)


def test_a_header_that_is_no_key_does_not_make_up_for_the_origin(session: Client) -> None:
    headers = browser(session) | {"authorization": "Basic x"}
    del headers["origin"]
    assert knock("/ws/jobs", headers) == (False, 4401)


def test_an_unknown_path_is_refused(session: Client) -> None:
    assert knock("/ws/elsewhere", browser(session)) == (False, 4404)


@pytest.mark.parametrize("header", ["x-api-key", "authorization"])
def test_a_program_comes_in_with_its_key_and_without_an_origin(owner: User, header: str) -> None:
    key = create_key(user=owner, name="harness", scopes=READ)
    value = f"Bearer {key}" if header == "authorization" else key
    assert knock("/ws/jobs", {"host": HOST, header: value}) == ACCEPTED


def test_a_key_that_may_only_mint_may_not_watch(owner: User) -> None:
    key = create_key(user=owner, name="minter", scopes=MINT)
    assert knock("/ws/jobs", {"host": HOST, "x-api-key": key}) == (False, 4401)


def test_a_revoked_key_is_not_made_up_for_by_a_session(session: Client, owner: User) -> None:
    key = create_key(user=owner, name="old")
    ApiKey.objects.update(revoked_at="2026-01-01T00:00Z")
    assert knock("/ws/jobs", browser(session) | {"x-api-key": key}) == (False, 4401)


@pytest.fixture
def few_places(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five sockets, two of them for one user."""
    settings.CARDGEN_PLACES = tmp_path
    monkeypatch.setattr(feeds, "places", Seats("sockets", 5, of_one=2))


@pytest.mark.usefixtures("few_places")
def test_two_who_hoard_leave_a_place_for_a_third(transactional_db: None) -> None:
    keys = [create_key(user=make_user(f"user-{number}"), name="k") for number in range(3)]

    async def scenario() -> list[int]:
        opened = [Socket("/ws/jobs", {"host": HOST, "x-api-key": keys[n]}) for n in (0, 0, 1, 1)]
        hoarders = [Socket("/ws/jobs", {"host": HOST, "x-api-key": keys[n]}) for n in (0, 1)]
        third = Socket("/ws/jobs", {"host": HOST, "x-api-key": keys[2]})
        for socket in [*opened, *hoarders, third]:
            assert await socket.connect() == ACCEPTED
        codes = [await socket.closing() for socket in hoarders]
        assert await third.silent(seconds=0.5)
        for socket in [*opened, third]:
            await socket.communicator.disconnect()
        return codes

    assert async_to_sync(scenario)() == [4429, 4429]


@pytest.mark.usefixtures("few_places")
def test_a_socket_that_ends_gives_its_place_back(session: Client) -> None:
    assert [knock("/ws/jobs", browser(session)) for _ in range(9)] == [ACCEPTED] * 9


def test_a_trusted_origin_of_another_host_is_let_in() -> None:
    check = _check(trusted=["https://*.example.com"])
    assert check.allows({"origin": "https://cards.example.com", "host": HOST})
    assert not check.allows({"origin": "http://cards.example.com", "host": HOST})


def test_over_https_a_plain_page_of_the_same_host_is_refused() -> None:
    check = _check(https=True)
    assert check.allows({"origin": "https://127.0.0.1:8000", "host": HOST})
    assert not check.allows({"origin": "http://127.0.0.1:8000", "host": HOST})


def _check(*, trusted: list[str] | None = None, https: bool = False) -> OriginCheck:
    async def nothing(*_: Any) -> None:
        return

    return OriginCheck(
        nothing, allowed_hosts=["127.0.0.1"], trusted_origins=trusted or [], https=https
    )
