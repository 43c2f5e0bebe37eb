"""Whether spans are recorded: only then OpenTelemetry is imported, which takes 0.2 s and 20 MB."""

from importlib import import_module
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from toolkit import spans


def require_packages() -> None:
    """See that OpenTelemetry is installed.

    :raises ImproperlyConfigured: with the way to install it
    """
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        raise ImproperlyConfigured(
            "CARDGEN_TRACES is set and OpenTelemetry is missing:"
            " pip install --require-hashes -r requirements-tracing.lock"
        )


def switch_on(endpoint: str) -> None:
    """Send the spans of this process, and of the children that it forks, there (OTLP over HTTP)."""
    require_packages()
    spans.record_with(import_module("cardgen.traces.recording").recorder(endpoint))
