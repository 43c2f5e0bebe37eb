"""Spans to an OpenTelemetry collector, if a setting says where it is."""

from cardgen.traces.switching import require_packages, switch_on

__all__ = ["require_packages", "switch_on"]
