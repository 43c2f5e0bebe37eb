"""Keys are made, seen, rotated and revoked by their owners: over HTTP, on a page, by command."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from cardgen.access.keys import suspension
from cardgen.access.keys.making import DEFAULT_SCOPES, MOST_KEYS, TooManyKeys
from cardgen.access.models import ApiKey
from tests.support import commands
from tests.support.actors import somebody
from tests.support.answers import assert_problem
from tests.support.keys import create_key, make_user
from tests.support.threads import at_once
from toolkit.rights import Right, Role
from uniqueness.models import AuditEntry

KEYS = "/api/v1/keys"
PAGE = "/keys"


def client_of(key: str, **meta: str) -> APIClient:
    return APIClient(HTTP_X_API_KEY=key, **meta)


def ask(key: str, **meta: str) -> int:
    return client_of(key, **meta).get("/api/v1/schemes").status_code


@pytest.fixture
def made(api):
    """A key made over HTTP, as it was shown."""
    answer = api.post(KEYS, {"name": "nightly"})
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    return answer.json()


def test_a_tester_makes_a_key_that_orders_and_reads_and_no_more(made):
    assert made["scopes"] == sorted(DEFAULT_SCOPES)
    assert ask(made["key"]) == 200
    assert client_of(made["key"]).get(KEYS).status_code == 403


def test_the_key_is_shown_once(api, made):
    shown = api.get(f"{KEYS}/{made['id']}").json()
    assert made["key"] not in str(api.get(KEYS).json()) + str(shown)
    assert shown == {name: value for name, value in made.items() if name != "key"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "n", "scopes": []}, 422),
        ({"name": "n", "scopes": ["users:write"]}, 422),
        ({"name": "n", "scopes": ["read"]}, 400),
        ({"name": "for 4929 1234 5678 1236"}, 422),
        ({"name": " "}, 400),
        ({"name": "red \x1b[31m"}, 422),
        ({"name": "two\nlines"}, 422),
        ({"name": "turned \u202e"}, 422),
        ({"name": "n", "networks": ["10.0.0.1/8"]}, 422),
        ({"name": "n", "networks": ["everywhere"]}, 422),
        ({"name": "n", "networks": ["10.0.0.0/8"] * 21}, 400),
        ({"name": "n", "expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"name": "n", "days": 3}, 400),
        ({}, 400),
    ],
)
def test_a_key_that_cannot_be_is_refused(api, body, status):
    before = ApiKey.objects.count()
    assert_problem(
        api.post(KEYS, body), status, "invalid_request" if status == 400 else "invalid_key"
    )
    assert ApiKey.objects.count() == before


def test_a_key_makes_no_key_that_may_more_than_itself(catalogue):
    user = make_user("ann", role=Role.ADMINISTRATOR)
    small = client_of(create_key(user=user, name="small", scopes=[Right.KEYS, Right.JOBS]))
    big = ApiKey.objects.get(pk=_id_of(create_key(user=user, name="big")))
    assert_problem(small.post(KEYS, {"name": "n", "scopes": ["cards:mint"]}), 422, "invalid_key")
    assert_problem(small.post(f"{KEYS}/{big.pk}/rotate", {}), 422, "invalid_key")
    assert small.post(KEYS, {"name": "n", "scopes": ["jobs:read"]}).status_code == 201


def _id_of(key: str) -> int:
    return int(ApiKey.objects.latest("id").pk)


@pytest.mark.parametrize("scopes", [[], ["read"], ["cards:mint", "everything"]])
def test_the_database_holds_no_key_without_known_scopes(user, scopes):
    create_key(user=user, name="k")
    with pytest.raises(IntegrityError, match="api_key_has_known_scopes"), transaction.atomic():
        ApiKey.objects.update(scopes=scopes)


def test_other_peoples_keys_are_not_there(api, other_user):
    create_key(user=other_user, name="theirs")
    theirs = ApiKey.objects.get(user=other_user)
    for way, path in (("get", ""), ("delete", ""), ("post", "/rotate")):
        assert_problem(getattr(api, way)(f"{KEYS}/{theirs.pk}{path}"), 404, "not_found")
    assert_problem(api.get(f"{KEYS}/{10**30}"), 404, "not_found")
    assert [row["name"] for row in api.get(KEYS).json()["results"]] == ["test"]


def test_a_rotated_key_works_on_for_the_overlap(api, made):
    new = api.post(f"{KEYS}/{made['id']}/rotate", {"overlap_hours": 1}).json()
    assert (new["rotated_from"], new["scopes"]) == (made["id"], made["scopes"])
    assert (ask(made["key"]), ask(new["key"])) == (200, 200)
    left = ApiKey.objects.get(pk=made["id"]).expires_at - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    ApiKey.objects.filter(pk=made["id"]).update(expires_at=timezone.now())
    assert (ask(made["key"]), ask(new["key"])) == (401, 200)


def test_a_rotation_does_not_lengthen_a_life(api, made):
    soon = timezone.now() + timedelta(minutes=5)
    ApiKey.objects.filter(pk=made["id"]).update(expires_at=soon)
    api.post(f"{KEYS}/{made['id']}/rotate", {"overlap_hours": 5})
    assert set(ApiKey.objects.exclude(name="test").values_list("expires_at", flat=True)) == {soon}


def test_a_rotation_is_no_way_out_of_a_suspension_or_a_lower_rate(api, made):
    now = timezone.now()
    since = dict.fromkeys(("suspended_at", "throttled_at"), now)
    until = dict.fromkeys(("suspended_until", "throttled_until"), now + timedelta(hours=1))
    held = {**since, **until, "suspended_reason": "anomaly key_rate"}
    ApiKey.objects.filter(pk=made["id"]).update(**held)
    new = api.post(f"{KEYS}/{made['id']}/rotate", {}).json()
    assert ask(new["key"]) == 401
    assert ApiKey.objects.filter(pk=new["id"], **held).exists()


HOLDS = {"suspended": suspension.suspend, "slowed down": suspension.throttle}


@pytest.fixture(params=HOLDS)
def held(request, api, made) -> int:
    """A key of the user that a rule has stopped or slowed down for an hour."""
    held = ApiKey.objects.filter(pk=made["id"])
    hour = timedelta(hours=1)
    HOLDS[request.param](held, reason="anomaly key_rate", lasting=hour, actor=somebody())
    return made["id"]


@pytest.mark.parametrize("revoked", [False, True])
def test_a_new_key_is_no_way_out_of_a_hold(api, held, browser, revoked):
    other = ApiKey.objects.get(name="test").pk
    if revoked:
        api.delete(f"{KEYS}/{held}")
    before = ApiKey.objects.count()
    assert_problem(api.post(KEYS, {"name": "another"}), 409, "key_held")
    assert_problem(api.post(f"{KEYS}/{other}/rotate", {}), 409, "key_held")
    page = browser.post(PAGE, {"name": "by hand", "scopes": ["jobs:read"]})
    assert (page.status_code, "slowed down" in page.content.decode()) == (422, True)
    with pytest.raises(CommandError, match="Until that ends"):
        run("create_api_key", "--user=tester", "--name=cron")
    assert ApiKey.objects.count() == before


def test_keys_are_made_again_when_the_hold_is_over_or_lifted(api, held, other_user):
    assert create_key(user=other_user, name="theirs")
    over = timezone.now() - timedelta(seconds=1)
    ApiKey.objects.filter(pk=held).update(suspended_until=over, throttled_until=over)
    assert api.post(KEYS, {"name": "another"}).status_code == 201
    ApiKey.objects.filter(pk=held).update(suspended_until=None, throttled_until=None)
    assert_problem(api.post(KEYS, {"name": "more"}), 409, "key_held")
    suspension.lift(ApiKey.objects.filter(pk=held), actor=somebody())
    assert api.post(KEYS, {"name": "more"}).status_code == 201


def test_the_page_tells_of_a_hold_while_it_lasts(browser, held):
    told = ("ask an administrator", "Rotate")
    ApiKey.objects.filter(name="test").delete()
    offered = not ApiKey.objects.get().is_suspended
    assert [text in browser.get(PAGE).content.decode() for text in told] == [True, offered]
    over = timezone.now() - timedelta(seconds=1)
    ApiKey.objects.update(suspended_until=over, throttled_until=over)
    assert [text in browser.get(PAGE).content.decode() for text in told] == [False, True]


def test_what_works_no_more_is_not_rotated(api, made):
    api.delete(f"{KEYS}/{made['id']}")
    assert_problem(api.post(f"{KEYS}/{made['id']}/rotate", {}), 422, "invalid_key")
    assert_problem(
        api.post(f"{KEYS}/{made['id']}/rotate", {"overlap_hours": 721}), 400, "invalid_request"
    )


def test_a_revoked_key_opens_nothing_from_then_on(api, made):
    assert api.delete(f"{KEYS}/{made['id']}").status_code == 204
    at = ApiKey.objects.get(pk=made["id"]).revoked_at
    assert api.delete(f"{KEYS}/{made['id']}").status_code == 204
    assert (ask(made["key"]), ApiKey.objects.get(pk=made["id"]).revoked_at) == (401, at)


def fill_up(user: User) -> ApiKey:
    old = [
        ApiKey(user=user, name="k", digest=f"{n:064x}", scopes=["check"]) for n in range(MOST_KEYS)
    ]
    return ApiKey.objects.bulk_create(old)[0]


def living() -> int:
    return ApiKey.objects.exclude(expires_at__lte=timezone.now()).count()


def test_a_user_has_only_so_many_keys(api, user):
    fill_up(user)
    assert_problem(api.post(KEYS, {"name": "one more"}), 409, "too_many_keys")


@pytest.mark.django_db(transaction=True)
def test_who_asks_for_several_keys_at_once_has_no_more(user):
    fill_up(user).delete()
    made = at_once(4, lambda number: create_key(user=user, name=f"k{number}"))
    assert sum(isinstance(one, TooManyKeys) for one in made) == 3
    assert living() == MOST_KEYS


def test_a_rotation_is_no_way_to_more_keys_and_one_without_overlap_always_goes(api, user):
    rotate = f"{KEYS}/{fill_up(user).pk}/rotate"
    before = living()
    assert_problem(api.post(rotate, {"overlap_hours": 1}), 409, "too_many_keys")
    assert api.post(rotate, {"overlap_hours": 0}).status_code == 201
    assert living() == before


@pytest.mark.parametrize(
    ("address", "status"),
    [("10.9.9.9", 200), ("2001:db8::7", 200), ("192.0.2.7", 401), ("2001:db9::1", 401)],
)
def test_a_key_with_networks_works_from_there_alone(api, address, status):
    asked = {"name": "n", "networks": ["10.0.0.0/8", "2001:db8::/32"]}
    key = api.post(KEYS, asked).json()["key"]
    assert ask(key, REMOTE_ADDR=address) == status


def test_the_last_use_is_known_with_its_address(made):
    ask(made["key"], REMOTE_ADDR="192.0.2.7")
    row = ApiKey.objects.get(pk=made["id"])
    assert row.last_used_from == "192.0.2.7"
    assert timezone.now() - row.last_used_at < timedelta(minutes=1)


def test_all_of_it_stands_in_the_trail_without_the_key(api, made):
    new = api.post(f"{KEYS}/{made['id']}/rotate", {}).json()
    api.delete(f"{KEYS}/{new['id']}")
    rows = [entry for entry in AuditEntry.objects.all() if "nightly" in entry.reason]
    assert [row.action for row in rows] == ["revoke_key", "rotate_key", "make_key"]
    assert all(row.actor == "tester" and row.via == "api" and row.key_id for row in rows)
    written = str(list(AuditEntry.objects.values()))
    assert made["key"] not in written
    assert new["key"] not in written


def test_the_page_makes_shows_rotates_and_revokes(browser, user):
    typed = {"name": "by hand", "scopes": ["jobs:read"], "days": "7", "networks": "10.0.0.0/8, ::1"}
    page = browser.post(PAGE, typed).content.decode()
    key = ApiKey.objects.get()
    assert key.prefix in page
    assert (key.user, key.scopes, key.networks) == (user, ["jobs:read"], ["10.0.0.0/8", "::1/128"])
    assert "cg_" not in browser.get(PAGE).content.decode().replace(key.prefix, "")
    assert browser.post(f"{PAGE}/{key.pk}/rotate").status_code == 200
    new = ApiKey.objects.get(rotated_from=key)
    assert browser.post(f"{PAGE}/{new.pk}/revoke", follow=True).status_code == 200
    assert {row.revoked_at is None for row in (key, ApiKey.objects.get(pk=new.pk))} == {True, False}


@pytest.mark.parametrize(
    "change",
    [{"scopes": []}, {"scopes": ["users:write"]}, {"networks": "x"}, {"days": "0"}, {"name": ""}],
)
def test_the_page_says_what_is_wrong_and_makes_nothing(browser, change):
    typed = {"name": "by hand", "scopes": ["jobs:read"], "days": "7", "networks": ""}
    answer = browser.post(PAGE, typed | change)
    assert (answer.status_code, ApiKey.objects.exists()) == (422, False)


def test_the_page_rotates_nothing_of_others(browser, other_user):
    create_key(user=other_user, name="theirs")
    key = ApiKey.objects.get()
    for action in ("rotate", "revoke"):
        assert browser.post(f"{PAGE}/{key.pk}/{action}").status_code == 404


def run(name: str, *words: str) -> str:
    out = StringIO()
    call_command(name, *words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_commands_make_rotate_and_revoke(user, catalogue):
    made = run("create_api_key", "--user=tester", "--name=cron", "--network=127.0.0.1", "--days=9")
    assert ask(made) == 200
    row = ApiKey.objects.get()
    assert (sorted(row.scopes), row.networks) == (sorted(DEFAULT_SCOPES), ["127.0.0.1/32"])
    new = run("rotate_api_key", str(row.pk), "--hours=0")
    assert (ask(made), ask(new)) == (401, 200)
    run("revoke_api_key", ApiKey.objects.get(rotated_from=row).prefix)
    assert ask(new) == 401


@pytest.mark.parametrize(
    "words",
    [
        ["create_api_key", "--user=tester", "--name=k", "--scope=users:write"],
        ["create_api_key", "--user=tester", "--name=k", "--days=0"],
        ["create_api_key", "--user=tester", "--name=k", "--days=99999999999"],
        ["create_api_key", "--user=tester", "--name=k", "--network=x"],
        ["create_api_key", "--user=tester", f"--name={'k' * 101}"],
        ["rotate_api_key", "nothing"],
        ["rotate_api_key", "here", "--hours=99999999999999"],
        ["rotate_api_key", "here", "--hours=-1"],
        ["revoke_api_key", "nothing"],
    ],
)
def test_commands_refuse_what_cannot_be(user, words):
    create_key(user=user, name="here")
    with pytest.raises(CommandError):
        run(*words)
    assert ApiKey.objects.count() == 1


def test_the_list_of_keys_shows_whose_they_are_and_never_a_key(db):
    made = [create_key(user=make_user(name), name="nightly") for name in ("ann", "bob")]
    ApiKey.objects.filter(user__username="ann").update(revoked_at=timezone.now())
    done = commands.run("keys")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(row[1], row[2], row[-1]) for row in rows[1:]] == [
        ("bob", "nightly", "works"), ("ann", "nightly", "revoked"),
    ]  # fmt: skip
    assert not any(key in done.stdout for key in made)
    assert len(commands.run("keys", "--user", "ann").stdout.splitlines()) == 2
