"""Every card is there once, and is its own: the proof of all jobs."""

from jobs.proof.proving import prove, prove_cards
from jobs.proof.report import as_dict, lines, what_to_do
from jobs.proof.running import run_proofs
from jobs.proof.runs import ask, latest

__all__ = [
    "as_dict",
    "ask",
    "latest",
    "lines",
    "prove",
    "prove_cards",
    "run_proofs",
    "what_to_do",
]
