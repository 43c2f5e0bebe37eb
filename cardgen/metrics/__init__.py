"""What Prometheus reads: what stands in the rows, and the counts of all processes."""

from cardgen.metrics.collector import Collected
from cardgen.metrics.serving import serve

__all__ = ["Collected", "serve"]
