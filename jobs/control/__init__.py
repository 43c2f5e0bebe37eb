"""Change what was ordered: cancel, pause, resume, retry, clone."""

from jobs.control.moves import cancel, clone, pause, resume, retry, set_queue

__all__ = ["cancel", "clone", "pause", "resume", "retry", "set_queue"]
