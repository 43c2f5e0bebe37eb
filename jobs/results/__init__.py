"""The cards of a job, in every form."""

from jobs.results.cards import (
    Block,
    CardsPurged,
    InvalidCursor,
    blocks,
    card_dicts,
    fields_of,
    page,
    require_cards,
)
from jobs.results.files import ResultFile
from jobs.results.forms import FORMS, Download, downloads
from jobs.results.one import card_at, chunk_of
from jobs.results.text_forms import DELIMITERS, Layout
from jobs.results.weighing import Size, sizes

__all__ = [
    "DELIMITERS",
    "FORMS",
    "Block",
    "CardsPurged",
    "Download",
    "InvalidCursor",
    "Layout",
    "ResultFile",
    "Size",
    "blocks",
    "card_at",
    "card_dicts",
    "chunk_of",
    "downloads",
    "fields_of",
    "page",
    "require_cards",
    "sizes",
]
