"""Lists for scanners: the numbers of our cards, which they shall not report.

Scanners report a number as it was written, so each is in the list as digits alone and in the groups
that its scheme prints.
"""

from generation.fields import DISFIGURED, Column
from generation.kernel.formats import grouped_pans
from jobs.results.cards import Block
from jobs.results.lines import join, replaced

GITLEAKS_CARDS = 50_000
"""Gitleaks makes one expression of all, and ends where that is too large: 8.30.1 at 70,000."""
GITLEAKS_HEAD = b"""\
[extend]
useDefault = true

# Gitleaks 8.25 and later have [[allowlists]] too, but earlier ones pass it over.
[allowlist]
description = "test cards minted by cardgen"
regexes = [
  '''^$''', # gitleaks refuses an empty list; this is no number
"""
PANHUNT_HEAD = b"[DEFAULT]\nexcludepans = "


def panhunt_rows(block: Block) -> bytes:
    """Numbers with commas between: as digits, then grouped by spaces, then by dashes."""
    pans = block.batch.cards.pans
    parts: list[Column] = [pans, b","]
    if _is_whole(block):
        for separator in (" ", "-"):
            parts += [grouped_pans(pans, grouping=block.batch.grouping, separator=separator), b","]
    return join(parts, rows=len(block))


def gitleaks_rows(block: Block) -> bytes:
    """Patterns for a whole secret: another number that only holds one of ours is still reported."""
    pans: Column = block.batch.cards.pans
    if _is_whole(block):
        grouped = grouped_pans(block.batch.cards.pans, grouping=block.batch.grouping)
        pans = replaced(grouped, b" ", b"[ -]?")
    return join([b"  '''^", pans, b"$''',\n"], rows=len(block))


def _is_whole(block: Block) -> bool:
    """Tell whether the numbers can be grouped as good ones are."""
    return block.batch.recipe.defect not in DISFIGURED
