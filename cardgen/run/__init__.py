"""Start, watch over and stop: `make run`."""

from cardgen.run.programs import MARK, applications
from cardgen.run.session import serve
from cardgen.run.supervisor import Program

__all__ = ["MARK", "Program", "applications", "serve"]
