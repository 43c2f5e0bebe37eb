"""The cards of a job, in every form."""

from jobs.results.cards import Block, blocks, card_dicts, fields_of, page, require_cards
from jobs.results.files import ResultFile
from jobs.results.forms import FORMS, downloads
from jobs.results.one import card_at, chunk_of
from jobs.results.text_forms import DELIMITERS, Layout

__all__ = [
    "DELIMITERS",
    "FORMS",
    "Block",
    "Layout",
    "ResultFile",
    "blocks",
    "card_at",
    "card_dicts",
    "chunk_of",
    "downloads",
    "fields_of",
    "page",
    "require_cards",
]
