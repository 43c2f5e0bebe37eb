"""Renew issued cards: same PAN, next PAN sequence number, later expiry, another CVV."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from generation import ranges
from generation.batch import Batch
from generation.fields import DEFAULT
from generation.kernel.details import LAST_SEQUENCE, renew
from generation.months import check_expiry, last_day
from generation.recipes import make
from jobs import quotas, watching
from jobs.models import Chunk
from jobs.orders.order import Origin
from jobs.results import Block, card_dicts, chunk_of
from toolkit.refusals import Refusal
from toolkit.wording import counted
from uniqueness.ledger import Renewable, keep, lock_issued

FIELDS = (*DEFAULT, "psn")
TERM_MONTHS = 36
MOST_MONTHS = 120


class NotRenewable(Refusal):
    """Some of the numbers are not cards that the caller may renew."""

    code = "not_renewable"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCard:
    """An issued card with the chunk it was made in."""

    card: Renewable
    chunk: Chunk


@transaction.atomic
def renew_cards(
    *,
    numbers: list[str],
    origin: Origin,
    term: int = TERM_MONTHS,
    fields: Sequence[str] = FIELDS,
) -> list[dict[str, Any]]:
    """Renew each card once, and return the new ones in the order of `numbers`.

    :param term: months from one expiry to the next
    :param fields: what the new cards show
    :raises QuotaExceeded: if the owner or the key may not have so many cards today
    :raises NotRenewable: with nothing renewed, if one is not an issued card of a job that the
        owner may see, was issued as a negative card, or has had all 99 renewals
    :raises ExpiryTooFar: with nothing renewed, if one would be good beyond what cards can show
    """
    quotas.admit_renewals(origin.orderer, cards=len(numbers))
    issued = {found.card.pan: found for found in _issued(numbers, origin.owner)}
    missing = [place for place, number in enumerate(numbers) if number not in issued]
    if missing:
        raise NotRenewable(
            counted(len(missing), "of the numbers is not a card", "of the numbers are not cards")
            + " you can renew; nothing was renewed.",
            places=missing[:100],
        )
    renewed = {pan: _renew(found, term=term) for pan, found in sorted(issued.items())}
    return [card_dicts(renewed[number], fields=fields)[0] for number in numbers]


def _issued(numbers: list[str], owner: User) -> list[IssuedCard]:
    visible = watching.readable_by(owner)
    found = []
    for card in lock_issued(numbers):
        chunk = chunk_of(card.slot)
        seen = chunk and visible.filter(id=chunk.job_id).exists()
        if chunk and seen and not chunk.job.defect and card.next_psn <= LAST_SEQUENCE:
            found.append(IssuedCard(card=card, chunk=chunk))
    return found


def _renew(issued: IssuedCard, *, term: int) -> Block:
    issuer_range, recipe = issued.chunk.item.issuer_range, issued.chunk.job.recipe
    slots = np.array([issued.card.slot - issuer_range.first_slot], dtype=np.int64)
    first = make(issuer_range=issuer_range, slots=slots, recipe=recipe)
    sequence = issued.card.next_psn
    cards = renew(
        ranges.spec(issuer_range),
        cards=first,
        profile=recipe.profile,
        sequence=sequence,
        months=term,
    )
    check_expiry(int(cards.expiry_months[0]))
    keep(
        slot=issued.card.slot,
        psn=sequence,
        expiry=last_day(int(cards.expiry_months[0])),
        cvv=cards.cvvs[0].decode(),
    )
    batch = Batch(issuer_range=issuer_range, cards=cards, recipe=recipe, sequence=sequence)
    return Block(chunk_id=issued.chunk.pk, batch=batch)
