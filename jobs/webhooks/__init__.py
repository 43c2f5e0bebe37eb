"""Tell other systems that a job has finished: rows are the outbox, HTTP comes later."""

from jobs.webhooks.courier import LAST_SECONDS, run_courier

__all__ = ["LAST_SECONDS", "run_courier"]
