"""A database that takes no writes, as a standby or one being restored, is away and no fault."""

from django.db import connection

from tests.support.answers import assert_problem


def test_a_server_that_takes_no_writes_is_asked_again(api, catalogue):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = api.post("/api/v1/cards/generate-async", {"scheme": "visa", "count": 1})
    assert_problem(answer, 503, "unavailable")
    assert answer["Retry-After"] == "5"
