"""R15 must see what it is there to see, and ask in every place."""

import random
import subprocess

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from chaos.fuzzing import corpus
from chaos.fuzzing.operation import Operation, generated, operations
from chaos.fuzzing.samples import BODIES, Samples
from chaos.fuzzing.state import Watched
from chaos.fuzzing.verdict import is_refused, wrong_with
from chaos.fuzzing.wire import WireRequest
from chaos.world.web import Answer

_PROBLEM = "application/problem+json"
_WHOLE = b'{"type":"x","title":"x","status":400,"code":"x","detail":"x"}'
_GET = WireRequest(method="GET", target="/")
_NOTHING = Samples(values={})


@pytest.fixture(scope="module")
def found() -> list[Operation]:
    return operations(settings.BASE_DIR / "docs" / "openapi.yaml")


def answered(status: int, media_type: str = _PROBLEM, body: bytes = _WHOLE) -> str:
    return wrong_with(_GET, Answer(status=status, media_type=media_type, body=body))


@pytest.mark.parametrize("status", [0, 500, 502, 503])
def test_no_answer_and_an_error_of_ours_are_wrong(status):
    assert answered(status)


def test_a_refusal_that_is_no_problem_body_is_wrong():
    assert answered(400) == ""
    assert answered(400, "text/html")
    assert answered(400, body=b"<html>")
    assert answered(404), "the body says 400"
    assert answered(400, body=b'{"type":"x"}')


def test_what_is_done_is_right_whatever_it_says():
    assert answered(200, "text/csv", b"") == ""
    assert not is_refused(Answer(status=200, media_type="", body=b""))


@pytest.mark.django_db
def test_what_a_request_changed_is_named_once():
    watched = Watched()
    user = User.objects.create_user("somebody")
    assert watched.changed() == ["auth_user"]
    assert watched.changed() == []
    User.objects.filter(pk=user.pk).update(first_name="x")
    user.delete()
    assert watched.changed() == ["auth_user"]


def test_nul_stands_in_every_place_of_every_path_and_query(found):
    for operation in found:
        made = corpus.requests(operation, samples=_NOTHING, chance=random.Random(1), count=1)
        nul = [one.target for one in made if "%00" in one.target]
        assert len(nul) >= len(operation.path_names) + len(operation.query_names)


def test_the_same_seed_asks_the_same(found):
    operation = next(one for one in found if one.path.endswith("/jobs"))

    def made() -> list[WireRequest]:
        chance = random.Random(7)
        ours = corpus.requests(operation, samples=_NOTHING, chance=chance, count=20)
        return ours + generated(operation, samples=_NOTHING, chance=chance, count=6)

    assert [one.target for one in made()] == [one.target for one in made()]


def test_samples_are_of_operations_that_there_are(found):
    assert BODIES.keys() <= {operation.path for operation in found}


ORDERS = [
    f"/api/v1/cards/{name}" for name in ("claim", "generate", "generate-async", "generate-from-bin")
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ORDERS)
def test_sample_orders_are_taken(api, catalogue, path):
    assert api.post(path, BODIES[path]).status_code in (201, 202)


def test_fields_of_bodies_that_may_be_written_in_several_ways_are_found(found):
    names = {(one.method, one.path.rsplit("/", 1)[-1]): one.body_names for one in found}
    assert {"scheme", "range", "items", "count", "expiry"} <= set(names["POST", "generate"])
    assert {"numbers", "ending", "start"} <= set(names["POST", "claim"])
    assert {"numbers", "hashes"} == set(names["POST", "check"])
    assert {"enabled", "reason"} == set(names["PATCH", "{tier}"])


def test_every_field_of_a_json_body_is_asked_with_something_hostile(found):
    for operation in (one for one in found if one.media_type == "application/json"):
        made = corpus.requests(operation, samples=_NOTHING, chance=random.Random(1), count=10_000)
        sent = b"".join(one.body or b"" for one in made)
        assert all(f'"{name}"'.encode() in sent for name in operation.body_names)
        assert bool(operation.body_names) == operation.takes_body


def test_a_wrong_answer_is_told_as_a_command_that_sends_the_same_bytes():
    body = b'{"x":"\x00\xff\'' + b"A" * 1_000_000
    told = WireRequest(method="POST", target="/a'b", body=body).as_curl()
    packed = told.partition(" | curl")[0]
    sent = subprocess.run(["bash", "-c", packed], capture_output=True, check=True)
    assert sent.stdout == body
    assert len(told) < 1_000
