"""What the cache counts."""

from typing import Literal, get_args

from toolkit.totals import Total

Event = Literal["local_hits", "server_hits", "misses", "rejected", "errors"]
"""`rejected` values were altered or foreign (also counted as misses); `errors` are failed calls of
the server."""
EVENTS: tuple[Event, ...] = get_args(Event)
TOTAL = Total(
    name="cardgen_cache_events_total",
    help="What layer 5 did (docs/cache.md).",
    labels=("event",),
)
