"""Tell other systems that a job has finished: rows are the outbox, HTTP comes later."""

from jobs.webhooks.budget import forget_days
from jobs.webhooks.courier import LAST_SECONDS, run_courier
from jobs.webhooks.delivery import ATTEMPTS
from jobs.webhooks.hooks import (
    Registered,
    delete,
    deliveries,
    register,
    resend,
    send_test,
    stopped,
    tell_operators,
    webhooks_of,
)
from jobs.webhooks.listening import Message, receiver
from jobs.webhooks.signing import new_secret

__all__ = [
    "ATTEMPTS",
    "LAST_SECONDS",
    "Message",
    "Registered",
    "delete",
    "deliveries",
    "forget_days",
    "new_secret",
    "receiver",
    "register",
    "resend",
    "run_courier",
    "send_test",
    "stopped",
    "tell_operators",
    "webhooks_of",
]
