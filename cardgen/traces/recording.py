"""Spans recorded by OpenTelemetry's SDK; needs requirements-tracing.lock.

Of exceptions nothing is recorded: their messages may quote rows.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from toolkit.spans import Value

_HEADER = "traceparent"
_context = TraceContextTextMapPropagator()


class _Recorded:
    def __init__(self, span: Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def tell(self, attributes: Mapping[str, Value]) -> None:
        self._span.set_attributes(dict(attributes))


class Recorder:
    """Hands spans to the SDK, whose own variables say how many are kept (`OTEL_TRACES_SAMPLER`)."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("cardgen")

    @contextmanager
    def span(
        self, name: str, *, kind: str, parent: str, attributes: Mapping[str, Value]
    ) -> Iterator[_Recorded]:
        """See `toolkit.spans.Recorder`."""
        with self._tracer.start_as_current_span(
            name,
            context=_context.extract({_HEADER: parent}) if parent else None,
            kind=SpanKind[kind.upper()],
            attributes=dict(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield _Recorded(span)

    def trace_parent(self) -> str:
        """See `toolkit.spans.Recorder`."""
        carrier: dict[str, str] = {}
        _context.inject(carrier)
        return carrier.get(_HEADER, "")


def recorder(endpoint: str) -> Recorder:
    """Make the recorder of this process; spans are sent in batches from a thread.

    :param endpoint: of the collector, `http://collector:4318/v1/traces`
    """
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "cardgen"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return Recorder(provider)
