"""Change what was ordered: cancel, pause, resume, retry, clone; one job or many."""

from jobs.control.many import Outcome, each
from jobs.control.moves import cancel, clone, order_again, pause, resume, retry, set_queue

__all__ = [
    "Outcome",
    "cancel",
    "clone",
    "each",
    "order_again",
    "pause",
    "resume",
    "retry",
    "set_queue",
]
