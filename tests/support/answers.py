"""What routes answer, and where they are."""

from asgiref.sync import async_to_sync

NOW = "/api/v1/cards/generate"


LATER = "/api/v1/cards/generate-async"


def assert_problem(response, status: int, code: str) -> dict:
    body = response.json()
    assert (response.status_code, body.get("code")) == (status, code), body
    assert response["Content-Type"] == "application/problem+json"
    assert set(body) >= {"type", "title", "status", "code", "detail"}
    return body


def body_of(response) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(collect)()
