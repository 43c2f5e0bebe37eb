"""No line that any process writes shows a card number."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver

from cardgen.logs import MaskedFormatter, MaskedHandler
from toolkit.tracing import about

PAN = "4000004462936174"
LIBRARIES = ["django.request", "celery.worker", "daphne.server", "twisted", "jobs.work.minting"]


def written(*, as_json: bool = False, name: str = "x", **call: Any) -> str:
    out = io.StringIO()
    handler = MaskedHandler(out)
    handler.setFormatter(MaskedFormatter(as_json=as_json))
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    propagated, logger.propagate = logger.propagate, False
    try:
        logger.error(*call.pop("words", ["refused"]), **call)
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
    return out.getvalue()


def failure() -> ValueError:
    try:
        int(f"Key (pan)=({PAN})")
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("name", ["django.request", "django.security.TooManyFieldsSent"])
def test_a_request_is_named_without_what_was_asked(rf, as_json, name):
    request = rf.get("/admin/jobs/job/", {"label": "something typed"})
    line = written(as_json=as_json, name=name, extra={"request": request})
    assert "GET /admin/jobs/job/" in line
    assert "typed" not in line
    assert "label" not in line


@pytest.mark.parametrize("as_json", [True, False])
def test_what_a_client_may_not_ask_is_one_line(as_json):
    call = {"as_json": as_json, "exc_info": failure()}
    line = written(name="django.security.DisallowedModelAdminLookup", **call)
    assert line.count("\n") == 1
    assert "Traceback" not in line
    assert "Traceback" in written(name="django.request", **call)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "call",
    [
        {"words": ["refused: %s!", PAN]},
        {"words": ["refused: %s!", int(PAN)]},
        {"words": [{"pan": PAN}]},
        {"extra": {"pan": PAN, "card": {"number": [int(PAN)]}, PAN: 1}},
        {"exc_info": failure()},
        {"stack_info": True, "words": [f"%B{PAN}^DOE/J^2908"]},
    ],
)
def test_a_number_is_masked_wherever_a_line_holds_it(as_json, call):
    line = written(as_json=as_json, **call)
    assert PAN not in line
    assert "masked" in line


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_write_through_the_same_mask(name):
    handlers = [*logging.getLogger(name).handlers, *logging.getLogger().handlers]
    own = [handler for handler in handlers if isinstance(handler, MaskedHandler)]
    assert own


def test_a_line_says_what_it_is_about():
    with about(job="j1", chunk=7, request=""):
        line = written(words=["taken over"])
        event = json.loads(written(words=["taken over"], as_json=True))
    assert line.rstrip().endswith("ERROR x taken over chunk=7 job=j1")
    assert (event["event"], event["job"], event["level"]) == ("taken over", "j1", "error")
    assert "request" not in event


def test_no_value_begins_another_line():
    assert written(words=["path %s", "/x\r\nERROR forged"]).count("\n") == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_no_extra_value_stands_for_what_a_line_says_itself(as_json):
    own = ("timestamp", "level", "logger", "event", "exception")
    line = written(as_json=as_json, extra=dict.fromkeys(own, "forged\n"))
    assert "refused" in line
    assert "forged" not in line


def test_whatever_is_logged_is_words():
    event = json.loads(written(words=[{"level": "forged", "left": 3}], as_json=True))
    assert (event["event"], event["level"]) == ("{'level': 'forged', 'left': 3}", "error")


def test_a_traceback_stands_below_its_line_or_in_a_field_of_its_own():
    head, *below = written(exc_info=failure()).splitlines()
    event = json.loads(written(exc_info=failure(), as_json=True))
    assert head.endswith("ERROR x refused")
    assert event["exception"].splitlines() == below
    assert below[-1].startswith("ValueError: ")


def test_a_line_that_cannot_be_written_does_not_quote_its_values(capsys):
    written(words=["refused: %d", PAN])
    told = capsys.readouterr().err
    assert "was lost" in told
    assert PAN not in told


@pytest.mark.parametrize("where", ["raise E", "threading.Thread(target=fail).start()"])
def test_a_traceback_that_nobody_catches_is_masked(where):
    program = f"""
import threading
from toolkit.last_words import mask_tracebacks
mask_tracebacks()
E = ValueError("DETAIL: Key (pan)=({PAN}) already exists.")
def fail():
    raise E
{where}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert "ValueError" in done.stderr
    assert PAN not in done.stderr.replace(program, "")


def test_no_route_takes_a_number_as_long_as_a_card_number():
    def routes(patterns: list[Any]) -> list[str]:
        nested = [one for p in patterns for one in routes(getattr(p, "url_patterns", []))]
        return [*(str(one.pattern) for one in patterns), *nested]

    # It would stand as a number in the text of a statement: toolkit.converters has a shorter one.
    assert not [route for route in routes(get_resolver().url_patterns) if "<int:" in route]
