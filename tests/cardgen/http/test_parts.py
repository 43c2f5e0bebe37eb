"""`/health/ready` names each part: without Valkey it is degraded, without PostgreSQL dead."""

import http.client
import json
from contextlib import closing
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from cardgen.http import parts
from cardgen.http.parts import Checkup, State
from jobs.models import Role, Worker
from tests.support import valkeys
from tests.support.processes import web
from tests.support.waiting import wait_until


def asked(site: str) -> tuple[int, dict[str, str]]:
    where = urlsplit(site)
    with closing(http.client.HTTPConnection(where.hostname, where.port, timeout=15)) as connection:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return response.status, json.load(response)


@pytest.mark.django_db(transaction=True)
def test_with_all_parts_it_is_ready():
    assert Client().get("/health/ready").json()["workers"] == "missing"
    for role in Role:
        Worker.objects.create(name=f"host:{role}", role=role, seen_at=timezone.now())
    response = Client().get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {"status": "ready"} | dict.fromkeys(parts.PARTS, "up")


@pytest.mark.django_db(transaction=True)
def test_without_valkey_it_is_degraded_and_serves(tmp_path: Path):
    with valkeys.server(tmp_path) as valkey:
        own = {
            f"{name}_URL": f"redis://{valkey.address}/{database}"
            for database, name in enumerate(["BROKER", "CACHE", "CHANNEL"])
        }
        with web(tmp_path / "log", **own) as site:
            assert {asked(site)[1][part] for part in ("broker", "cache", "channels")} == {"up"}
            valkey.freeze()
            status, body = asked(site)
            assert (status, body["status"], body["database"]) == (200, "degraded", "up")
            assert body["broker"] in ("down", "silent")
            valkey.kill()
            wait_until(lambda: asked(site)[1]["broker"] == "down")
            status, body = asked(site)
            assert (status, body["status"]) == (200, "degraded")
            assert body["cache"] == body["channels"] == "down"


def test_without_the_database_it_is_unavailable(tmp_path: Path):
    with web(tmp_path / "log", DATABASE_URL="postgres://u:p@127.0.0.1:9/none") as site:
        status, body = asked(site)
    assert (status, body["status"]) == (503, "unavailable")
    assert (body["workers"], body["cache"]) == ("unknown", "up")
    assert body["database"] in ("down", "silent")


def test_what_hangs_is_asked_once_and_not_waited_for():
    asks, end = [], Event()

    def hangs() -> dict[str, State]:
        asks.append(1)
        end.wait()
        return {}

    checkup = Checkup({"slow": hangs, "quick": dict}, patience=0.5)
    for _ in range(2):
        assert checkup.look(["slow", "quick"]) == {"slow": State.SILENT, "quick": State.UP}
    end.set()
    assert len(asks) == 1
