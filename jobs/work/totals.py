"""What is counted of the work of all processes."""

from toolkit.totals import Durations, Total

CARDS = Total(name="cardgen_cards_issued_total", help="Cards written to the ledger.")
CHUNK_SECONDS = Durations(
    name="cardgen_chunk_seconds",
    help="Seconds that an attempt at a chunk took, by what became of it.",
    labels=("outcome",),
    shown=("done", "retried", "taken_over", "stopped"),
)
