"""Tell other systems that a job has finished: rows are the outbox, HTTP comes later."""

from jobs.webhooks.budget import forget_days
from jobs.webhooks.courier import LAST_SECONDS, run_courier
from jobs.webhooks.delivery import ATTEMPTS
from jobs.webhooks.hooks import stopped, tell_operators

__all__ = ["ATTEMPTS", "LAST_SECONDS", "forget_days", "run_courier", "stopped", "tell_operators"]
