"""Claim numbers over HTTP."""

from rest_framework.test import APIClient

from generation.models import IssuerRange

URL = "/api/v1/cards/claim"


def claim(api: APIClient, issuer_range: IssuerRange, **wish: object) -> list[str]:
    answer = api.post(URL, {"range": issuer_range.name} | wish)
    assert answer.status_code == 201, answer.json()
    return [card["pan"] for card in answer.json()["cards"]]
