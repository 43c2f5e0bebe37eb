"""The rows of jobs: what was asked, how far it is, who works, who is told."""

from jobs.models.job import (
    FINAL,
    MADE,
    UNENDED,
    Chunk,
    ChunkState,
    Item,
    Job,
    Priority,
    Status,
)
from jobs.models.profile import (
    LONGEST_BODY,
    LONGEST_PROFILE_NAME,
    MOST_PROFILES,
    OrderProfile,
)
from jobs.models.proof import ProofRun
from jobs.models.queue import Queue, Role, Worker
from jobs.models.quota import MOST_CARDS, MOST_JOBS, Quota, TakenAtOnce
from jobs.models.statistics import DailyFigure
from jobs.models.team import LONGEST_NAME, NAME_TAKEN, Team, TeamName, holds_no_card_number
from jobs.models.webhook import (
    CHALLENGE,
    MAX_URL,
    TEST,
    Delivery,
    DeliveryState,
    Event,
    Webhook,
    WebhookDay,
)

__all__ = [
    "CHALLENGE",
    "FINAL",
    "LONGEST_BODY",
    "LONGEST_NAME",
    "LONGEST_PROFILE_NAME",
    "MADE",
    "MAX_URL",
    "MOST_CARDS",
    "MOST_JOBS",
    "MOST_PROFILES",
    "NAME_TAKEN",
    "TEST",
    "UNENDED",
    "Chunk",
    "ChunkState",
    "DailyFigure",
    "Delivery",
    "DeliveryState",
    "Event",
    "Item",
    "Job",
    "OrderProfile",
    "Priority",
    "ProofRun",
    "Queue",
    "Quota",
    "Role",
    "Status",
    "TakenAtOnce",
    "Team",
    "TeamName",
    "Webhook",
    "WebhookDay",
    "Worker",
    "holds_no_card_number",
]
