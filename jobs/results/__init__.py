"""The cards of a job, in every form."""

from jobs.results.cards import Block, blocks, card_dicts, fields_of, page, require_cards
from jobs.results.file_forms import FILE_FORMS, FileForm
from jobs.results.forms import downloads
from jobs.results.text_forms import DELIMITERS, TEXT_FORMS, Layout

__all__ = [
    "DELIMITERS",
    "FILE_FORMS",
    "TEXT_FORMS",
    "Block",
    "FileForm",
    "Layout",
    "blocks",
    "card_dicts",
    "downloads",
    "fields_of",
    "page",
    "require_cards",
]
