"""Registering and switching over HTTP: administrators alone."""

import psec
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from generation.models import IssuerRange
from tests.generation.kernel import reference_fields
from tests.support.actors import entries
from tests.support.answers import assert_problem
from tests.support.keys import MINT, READ, create_key

OLD_WAYS = "ignore::cryptography.utils.CryptographyDeprecationWarning"  # of psec
WHY = "the wallet team needs it"
OWNED = {"scheme": "visa", "iin": "42345678", "pan_length": 16, "statement": WHY}
CHANGES = [
    ("post", "/api/v1/issuer-ranges", OWNED),
    ("patch", "/api/v1/issuer-ranges/400000-16", {"enabled": False, "reason": WHY}),
    ("patch", "/api/v1/tiers/brand_shape", {"enabled": True, "reason": WHY}),
]


@pytest.mark.parametrize(("method", "url", "body"), CHANGES)
def test_an_administrator_changes_and_is_named(administrator, method, url, body):
    response = getattr(administrator, method)(url, body)
    assert response.status_code in {200, 201}, response.content
    assert entries().get().actor == "root"


@pytest.mark.parametrize(("method", "url", "body"), CHANGES)
def test_a_tester_changes_nothing(api, method, url, body):
    assert_problem(getattr(api, method)(url, body), 403, "forbidden")
    assert not entries().exists()


@pytest.mark.parametrize(("method", "url", "body"), CHANGES)
def test_an_administrators_key_needs_the_scope(catalogue, method, url, body):
    client = APIClient()
    owner = User.objects.create_superuser("root")
    key = create_key(user=owner, name="k", scopes=(*READ, *MINT))
    client.credentials(HTTP_X_API_KEY=key)
    assert_problem(getattr(client, method)(url, body), 403, "forbidden")


def test_a_registered_range_shows_its_room_and_statement(administrator):
    body = administrator.post("/api/v1/issuer-ranges", OWNED).json()
    assert (body["tier"], body["capacity"], body["left"]) == ("owned", 10**7, 10**7)
    assert body["statement"] == WHY


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"iin": "4234"}, 400, "invalid_request"),
        ({"pan_length": 40}, 400, "invalid_request"),
        ({"tier": "reserved"}, 400, "invalid_request"),
        ({"pan_length": 15}, 422, "invalid_range"),
        ({"scheme": "vsa"}, 422, "unknown_scheme"),
        ({"statement": "ours"}, 422, "reason_missing"),
        ({"iin": "400000"}, 409, "range_overlaps"),
    ],
)
def test_a_wrong_range_is_told_why(administrator, change, status, code):
    before = IssuerRange.objects.count()
    assert_problem(administrator.post("/api/v1/issuer-ranges", OWNED | change), status, code)
    assert IssuerRange.objects.count() == before


def test_an_unknown_tier_does_not_exist(administrator):
    body = {"enabled": True, "reason": WHY}
    assert_problem(administrator.patch("/api/v1/tiers/gold", body), 404, "not_found")


def test_tiers_are_listed_with_their_promise(api):
    tiers = {row["tier"]: row for row in api.get("/api/v1/tiers").json()["results"]}
    assert tiers["brand_shape"]["enabled"] is False
    assert "no issuer has it" in tiers["reserved"]["promise"]


def test_the_audit_trail_is_for_administrators(administrator, api):
    administrator.patch(CHANGES[2][1], CHANGES[2][2])
    rows = administrator.get("/api/v1/audit").json()["results"]
    told = [(row["action"], row["reason"]) for row in rows if row["action"] != "make_key"]
    assert told == [("enable_tier", WHY)]
    assert_problem(api.get("/api/v1/audit"), 403, "forbidden")


@pytest.mark.filterwarnings(OLD_WAYS)
def test_an_issuer_simulator_can_verify_the_cards(api):
    name = "400000-16"
    fields = ["pan", "expiry_yymm", "issuer_cvv2", "pin", "pvv"]
    body = {"range": name, "count": 5, "fields": fields}
    cards = api.post("/api/v1/cards/generate", body).json()["cards"]
    keys = api.get(f"/api/v1/issuer-ranges/{name}/test-keys").json()
    for card in cards:
        cvk = bytes.fromhex(keys["cvk"])
        told = reference_fields.cvv_by_psec(cvk, card["pan"], card["expiry_yymm"], "000")
        assert told == card["issuer_cvv2"]
        pvk = bytes.fromhex(keys["pvk"])
        assert psec.pin.generate_visa_pvv(pvk, "1", card["pin"], card["pan"]) == card["pvv"]


def test_an_unregistered_range_has_no_keys(api):
    assert_problem(api.get("/api/v1/issuer-ranges/999999-16/test-keys"), 404, "not_found")
