"""Start, watch over and stop: `make run`."""

from cardgen.run.program import Program
from cardgen.run.programs import MARK, applications
from cardgen.run.session import serve
from cardgen.run.steps import is_healthy

__all__ = ["MARK", "Program", "applications", "is_healthy", "serve"]
