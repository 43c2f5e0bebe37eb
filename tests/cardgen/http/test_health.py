"""Probes are answered whatever name they use, and the schema costs next to nothing."""

import pytest
from django.test import Client

from cardgen.http.reference.document import SchemaView
from tests.cardgen.server.test_handler import ask


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
@pytest.mark.parametrize("host", ["10.1.2.3", "127.0.0.1:8000", "evil.example", "_", ""])
def test_probes_come_by_any_name(settings, path, host):
    settings.ALLOWED_HOSTS = ["cards.example"]
    response = Client(headers={"Host": host}).get(path)
    assert response.status_code == 200
    assert int(response["Content-Length"]) == len(response.content)
    assert Client(headers={"Host": host}).post(path).status_code == 405


@pytest.mark.django_db
def test_others_do_not(settings):
    settings.ALLOWED_HOSTS = ["cards.example"]
    assert Client(headers={"Host": "10.1.2.3"}).get("/login").status_code == 400


@pytest.mark.django_db
def test_probes_are_not_sent_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/health/live").status_code == 200
    assert Client().get("/login").status_code == 301


def test_probes_are_answered_over_asgi(settings):
    settings.ALLOWED_HOSTS = ["cards.example"]
    assert ask("/health/live")[0] == 200


def test_the_schema_is_written_once_in_each_form_and_asks_no_database():
    SchemaView._written.clear()
    client = Client(headers={"X-API-Key": "unknown"})
    first = client.get("/api/schema", headers={"Accept": "application/json"})
    again = client.get("/api/schema", headers={"Accept": "application/json"})
    other = client.get("/api/schema", headers={"Accept": "application/yaml"})
    assert first.content == again.content != other.content
    assert first.json()["openapi"].startswith("3.1")
    assert other.content.startswith(b"openapi:")
    assert len(SchemaView._written) == 2
