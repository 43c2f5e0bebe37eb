"""Every card is there once, and is its own: the proof of all jobs."""

from jobs.proof.proving import prove, prove_cards
from jobs.proof.report import as_dict, lines, what_to_do

__all__ = ["as_dict", "lines", "prove", "prove_cards", "what_to_do"]
