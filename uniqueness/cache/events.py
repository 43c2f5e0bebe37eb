"""What the cache counts."""

from typing import Literal, get_args

Event = Literal["local_hits", "server_hits", "misses", "rejected", "errors"]
"""`rejected` values were altered or foreign (also counted as misses); `errors` are failed calls of
the server."""
EVENTS: tuple[Event, ...] = get_args(Event)
