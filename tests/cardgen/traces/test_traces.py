"""One trace from a client's request to the chunk that a worker minted for it, without a number."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from cardgen.traces import switching
from jobs.models import Job
from tests.support.keys import create_key
from tests.support.processes import web, worker
from tests.support.waiting import wait_until
from toolkit import spans

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@contextmanager
def collector() -> Iterator[tuple[str, list[Span]]]:
    """Take spans as a collector does; gives the address, and what came."""
    found: list[Span] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                found.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", found
        server.shutdown()


def order(site: str, key: str) -> str:
    body = {"scheme": "visa", "count": 2_000, "label": "Ann's"}
    headers = {
        "X-API-Key": key,
        "Content-Type": "application/json",
        "traceparent": f"00-{TRACE}-{CALLER}-01",
    }
    url = f"{site}/api/v1/cards/generate-async"
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=15) as response:
        return str(json.load(response)["id"])


def named(found: list[Span], name: str) -> Span | None:
    return next((span for span in found if span.name == name), None)


@pytest.mark.django_db(transaction=True)
def test_a_trace_leads_from_the_request_to_the_chunk(tmp_path: Path, owner):
    key = create_key(user=owner, name="k")
    with collector() as (endpoint, found):
        own = {"CARDGEN_TRACES": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        with worker(tmp_path / "worker", **own), web(tmp_path / "web", **own) as site:
            job = Job.objects.get(id=order(site, key))
            wait_until(lambda: named(found, "chunk") is not None)
            wait_until(lambda: named(found, "POST /api/v1/cards/generate-async") is not None)
    asked, made = named(found, "POST /api/v1/cards/generate-async"), named(found, "chunk")
    assert asked.trace_id.hex() == made.trace_id.hex() == TRACE
    assert asked.parent_span_id.hex() == CALLER
    assert made.parent_span_id == asked.span_id
    assert job.trace_parent == f"00-{TRACE}-{asked.span_id.hex()}-01"
    told = {one.key for span in found for one in span.attributes}
    assert told <= {
        *("http.request.method", "http.route", "http.response.status_code"),
        *("cardgen.job", "cardgen.chunk", "cardgen.outcome"),
    }
    assert "Ann" not in str(found)


def test_off_nothing_is_recorded():
    with spans.span("x", parent="00-1") as span:
        span.rename("y")
        span.tell({"a": 1})
        assert spans.trace_parent() == ""


def test_without_the_packages_the_start_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(switching, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements-tracing\.lock"):
        switching.switch_on("http://127.0.0.1:4318/v1/traces")
