"""The answers that the reference shows are those that come."""

from datetime import date

import pytest

from cardgen.http.reference.answers import ANSWERS
from generation.models import IssuerRange
from jobs.models import DailyFigure
from tests.support.reference import DOCUMENT

ROUTES = {"cards_by_day": "range"}
FIGURES = [("400000", 1, 500), ("222100", 1, 400), ("400000", 3, 700)]
DAYS = {"since": "2026-01-01", "until": "2026-01-03"}


@pytest.fixture
def figures(catalogue, user) -> None:
    for iin, day, cards in FIGURES:
        DailyFigure.objects.create(
            day=date(2026, 1, day), owner=user, stripe=0, cards=cards,
            issuer_range=IssuerRange.objects.get(iin=iin, pan_length=16),
        )  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_the_reference_comes(api, figures, name):
    path = f"/api/v1/cards/{ROUTES.get(name, name.removeprefix('cards_'))}"
    answer = api.get(path, {} if name == "cards_latest" else DAYS)
    assert answer.json() == ANSWERS[name]
    shown = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    assert shown["example"] == ANSWERS[name]


def test_the_reference_shows_them(client):
    page = client.get("/api/docs").content.decode()
    assert all(f"&quot;cards&quot;: {answer}" in page for answer in (1600, 700, 900, 400))
