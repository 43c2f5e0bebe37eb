"""Seal a window's filter: from then on its "no" is certain, until a card is written there."""

from dataclasses import dataclass
from enum import Enum, auto

from django.db import transaction
from django.db.models.functions import Now

from generation.models import IssuerRange
from uniqueness import locks
from uniqueness.bloom import sbbf, store, windows
from uniqueness.bloom.sbbf import Filter
from uniqueness.models import WindowFilter


class Sealing(Enum):
    """What became of an attempt to seal."""

    SEALED = auto()
    BUSY = auto()  # somebody mints there, or seals it
    UNSTORED = auto()  # the cache server does not take the filter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A filter of all cards of a window; `strays` of them do not begin like its numbers."""

    bloom: Filter
    cards: int
    strays: int


@transaction.atomic
def seal(window: int) -> Sealing:
    """Build the filter of a window from the ledger, store it, and promise that it is complete.

    Minters of the window wait meanwhile (about a second for 10^6 cards); those that are there
    already are not waited for.
    """
    if not locks.try_filter(window):
        return Sealing.BUSY
    built = build(window)
    former = WindowFilter.objects.filter(pk=window).values_list("version", flat=True).first()
    version = (former or 0) + 1
    if not store.put(window=window, version=version, bloom=built.bloom):
        return Sealing.UNSTORED
    WindowFilter.objects.update_or_create(
        pk=window,
        defaults={
            "version": version,
            "cards": built.cards,
            "strays": built.strays,
            "digest": sbbf.digest(built.bloom.tobytes()),
            "sealed_at": Now(),
        },
    )
    return Sealing.SEALED


def build(window: int) -> Built:
    """Build the filter of all cards issued in a window by now, purged ones too."""
    issuer_range = IssuerRange.objects.get(pk=window // windows.PER_RANGE)
    number = window % windows.PER_RANGE
    start = windows.prefix(issuer_range, number).encode()
    bloom, cards, alike = sbbf.empty(), 0, 0
    for pans in windows.pans_of(issuer_range, number):
        sbbf.add(bloom, pans)
        cards += pans.size
        if pans.itemsize == issuer_range.pan_length:
            alike += int((pans.astype(f"S{len(start)}") == start).sum())
    return Built(bloom=bloom, cards=cards, strays=cards - alike)
