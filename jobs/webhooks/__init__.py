"""Tell other systems that a job has finished: rows are the outbox, HTTP comes later."""

from jobs.webhooks.courier import LAST_SECONDS, run_courier
from jobs.webhooks.hooks import tell_operators

__all__ = ["LAST_SECONDS", "run_courier", "tell_operators"]
