"""The errors of each operation stand in the document, and those that come are among them."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from cardgen.http.reference.refusals import status_of
from tests.support.reference import DOCUMENT

OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
ROW = re.compile(r"^\| ([0-9]{3}) \| `([a-z_]+)`", re.MULTILINE)
EXPLAINED = {
    (int(status), code)
    for status, code in ROW.findall((settings.BASE_DIR / "docs/errors.md").read_text())
}
OF_COMMANDS = {
    *("import_finished", "import_running", "import_differs", "no_such_import", "invalid_quota"),
    *("unknown_holder", "not_backed_up", "not_restored", "nothing_recorded", "not_a_key"),
    *("not_purgeable", "not_at_rest", "slot_taken"),
}
OF_PAGES = {
    *("too_many_logins", "logins_closed"),
    *("invalid_name", "last_administrator", "own_account"),
}
OF_OTHER_METHODS = {"method_not_allowed"}
PROVOKED: dict[str, dict[str, Any]] = {
    "an unknown parameter": {"QUERY_STRING": "nonsense=1"},
    "an unknown scheme": {"QUERY_STRING": "scheme=nonsense"},
    "an unknown page": {"QUERY_STRING": "after=nonsense&by=scheme,tier"},
    "a page that is nowhere": {"QUERY_STRING": "after=nonsense"},
    "a PAN in the URL": {"QUERY_STRING": "q=4242424242424242"},
    "a form that nobody has": {"HTTP_ACCEPT": "application/x-nonsense"},
    "a body that is not JSON": {"data": "{", "content_type": "application/json"},
    "a body of another kind": {"data": "<a/>", "content_type": "application/xml"},
    "a field that nobody knows": {"data": '{"nonsense": 1}', "content_type": "application/json"},
}


def told(name: str) -> set[tuple[int, str]]:
    answers = OPERATIONS[name][2]["responses"].items()
    return {
        (int(status), code)
        for status, answer in answers
        if status[0] in "45"
        for code in answer["description"].split(", ")
    }


def asked(client: APIClient, name: str, **extra: Any) -> Any:
    method, path, _ = OPERATIONS[name]
    path = re.sub(r"{(job|webhook)_id}", str(uuid4()), path)
    path = re.sub(r"{(key|delivery|profile)_id}", "1", path).replace("{window}", "0")
    extra = {"data": "", "content_type": "application/json"} | extra
    return client.generic(method.upper(), re.sub(r"{[a-z]+}", "nonsense", path), **extra)


def test_every_code_of_an_operation_is_explained_and_the_other_way_round():
    all_told = set.union(*map(told, OPERATIONS))
    assert all_told - EXPLAINED == set()
    missing = {code for _, code in EXPLAINED - all_told}
    assert missing == OF_COMMANDS | OF_PAGES | OF_OTHER_METHODS


def test_a_code_has_one_status():
    assert {(status_of(code), code) for _, code in EXPLAINED} == EXPLAINED


@pytest.mark.parametrize("why", PROVOKED)
def test_what_is_refused_is_refused_as_told(administrator: APIClient, why: str):
    refused = 0
    for name in OPERATIONS:
        answer = asked(administrator, name, **PROVOKED[why])
        if answer.status_code >= 400:
            refused += 1
            assert (answer.status_code, answer.json()["code"]) in told(name), name
    assert refused > 20


@pytest.mark.django_db
def test_who_sends_no_key_is_refused_as_told(client):
    refused = {name for name in OPERATIONS if asked(client, name).status_code == 401}
    assert refused == {name for name in OPERATIONS if (401, "not_authenticated") in told(name)}


def test_only_where_accept_counts_it_may_be_refused(administrator: APIClient):
    refused = {
        name
        for name in OPERATIONS
        if asked(administrator, name, HTTP_ACCEPT="application/x-nonsense").status_code == 406
    }
    assert refused == {name for name in OPERATIONS if (406, "not_acceptable") in told(name)}
