"""The gate of a real web process: addresses have limits, and nobody waits behind a crowd."""

import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.keys import create_key
from tests.support.processes import web
from tests.whole.daphne.conftest import POOL
from tests.whole.daphne.test_logins import ask

PROXIES = {"CARDGEN_TRUSTED_PROXIES": "127.0.0.0/8"}


def from_address(number: int, **more: str) -> dict[str, str]:
    return {"X-Forwarded-For": f"6.6.6.6, 198.51.100.{number}"} | more


def test_an_address_has_its_limit_whoever_calls(tmp_path, owner):
    with web(tmp_path / "log", CARDGEN_ADDRESS_REQUESTS="20", **PROXIES) as site:
        found = [ask(site, "GET", "/login", headers=from_address(1))[0] for _ in range(25)]
        assert found[:20] == [200] * 20
        assert 429 in found[20:]
        status, headers, page = ask(
            site, "GET", "/", headers=from_address(1, Accept="text/html,*/*")
        )
        assert (status, "sends too many requests" in page) == (429, True)
        assert int(headers["Retry-After"]) > 0
        status, _, body = ask(site, "GET", "/api/v1/tiers", headers=from_address(1))
        assert (status, json.loads(body)["code"]) == (429, "too_many_requests")
        assert ask(site, "GET", "/login", headers=from_address(2))[0] == 200
        for free in ("/health/ready", "/api/schema", "/static/cardgen/cardgen.css"):
            assert ask(site, "GET", free, headers=from_address(1))[0] == 200


def opens(feed: str, headers: dict[str, str]) -> None:
    with connect(feed, additional_headers=headers):
        pass


def test_an_address_has_few_handshakes(tmp_path, owner):
    with web(tmp_path / "log", CARDGEN_ADDRESS_HANDSHAKES="3", **PROXIES) as site:
        feed = site.replace("http", "ws") + "/ws/jobs"
        key = {"X-API-Key": create_key(user=owner, name="k")}
        for _ in range(3):
            opens(feed, from_address(3) | key)
        with pytest.raises(InvalidStatus):
            opens(feed, from_address(3) | key)
        opens(feed, from_address(4) | key)


def test_a_crowd_is_served_or_told_and_probes_are_answered_meanwhile(tmp_path, owner):
    key = {"X-API-Key": create_key(user=owner, name="k")}

    def one(number: int) -> int:
        path = "/health/ready" if number % 20 == 0 else "/api/v1/cards/jobs"
        return ask(site, "GET", path, headers=key)[0]

    with web(tmp_path / "log", CARDGEN_DATABASE_POOL="2") as site, ThreadPoolExecutor(60) as pool:
        found = Counter(pool.map(one, range(200)))
    assert found.keys() <= {200, 503}
    assert found[200] > 150
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_large_answer_that_is_handed_over_is_done_with(tmp_path, owner, catalogue):
    key = {"X-API-Key": create_key(user=owner, name="k"), "Content-Type": "application/json"}
    body = json.dumps({"scheme": "visa", "count": 1_000})
    log = tmp_path / "log"
    with (
        web(log, CARDGEN_DATABASE_POOL=str(POOL)) as site,
        closing(http.client.HTTPConnection(site.removeprefix("http://"))) as client,
    ):
        for _ in range(2 * POOL):
            client.request("POST", "/api/v1/cards/generate", body, key)
            answer = client.getresponse()
            assert (answer.status, len(json.loads(answer.read())["cards"])) == (201, 1_000)
    assert "cut off" not in log.read_text()
