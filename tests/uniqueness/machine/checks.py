"""What must hold after every step, and what must hold once all work is done."""

import json
from contextlib import suppress
from io import StringIO
from uuid import UUID

import numpy as np
from django.core.management import CommandError, call_command

from generation.models import SLOTS_PER_RANGE, IssuerRange
from jobs import results
from jobs.models import FINAL, Chunk, Job, Status
from tests.support.exclusions import excluded
from tests.uniqueness.machine.model import Model
from tests.uniqueness.machine.world import World, cursor_of, ledger
from uniqueness.check import check
from uniqueness.models import Reservation
from uniqueness.pool import promises
from uniqueness.pool.capacity import figures_of
from uniqueness.proof.findings import Check
from uniqueness.slots import Span, excluded_slots, packed_slots

_WHY_JOBS_FAIL = {
    "",
    "chunk_failed",
    "range_exhausted",
    "too_few_last_fours",
    "a_test",
    "deadline_missed",
}
_WHY_CHUNKS_WAIT = ("the worker ", "Range ")


def see_ledger(model: Model, *, owner: UUID | None) -> None:
    """Compare the ledger with the model; cards that are new are `owner`'s."""
    found, known = ledger(), model.now.cards
    assert len(set(found.values())) == len(found), "two cards in one slot"
    new = {pan: slot for pan, slot in found.items() if pan not in known}
    moved = [slot for pan, slot in found.items() if pan in known and known[pan].slot != slot]
    assert not moved, f"cards changed places: {moved[:5]}"
    assert not new or owner, "cards appeared and nobody made any"
    if owner:
        model.hand_out(new, owner=owner)
    gone = {card.owner for pan, card in known.items() if pan not in found}
    kept = [job_id for job_id in gone if not model.now.jobs[job_id].purged]
    assert not kept, f"cards of {kept} are gone and nobody purged them"


def see_exclusions(model: Model) -> None:
    """Compare the exclusions."""
    rows = {pan: one.reason for pan, one in excluded().items()}
    claimed = {pan for pan, reason in rows.items() if reason == "claimed"}
    assert claimed == model.now.claimed, "claimed numbers came or went"
    others = {pan: reason for pan, reason in rows.items() if reason != "claimed"}
    assert others == model.now.excluded, "exclusions are not what was asked for"


def see_jobs(model: Model) -> None:
    """Counted is distinct; what succeeded has what was asked; nothing failed that must not."""
    jobs = list(Job.objects.all())
    known = {job_id for job_id, asked in model.now.jobs.items() if not asked.forgotten}
    assert {job.id for job in jobs} == known, "jobs came or went"
    for job in jobs:
        issued, asked = len(model.now.cards_of(job.id)), model.now.jobs[job.id].count
        assert (job.produced, job.requested) == (issued, asked), f"job {job.id} counts wrongly"
        assert job.status != Status.SUCCEEDED or issued == asked
        assert job.error_code in _WHY_JOBS_FAIL, f"job {job.id}: {job.error_code}, {job.error}"
        if job.status not in FINAL:
            _see_promise(job)
    for error in Chunk.objects.exclude(error="").values_list("error", flat=True).distinct():
        assert error.startswith(_WHY_CHUNKS_WAIT), error


def _see_promise(job: Job) -> None:
    """What is made, planned and promised is what was asked, and somebody is there to plan on."""
    live = Chunk.objects.filter(job=job).exclude(state__in=["dropped", "failed"])
    undone = live.filter(state__in=["waiting", "running"])
    promised = promises.of(job.id)
    planned = sum(undone.values_list("wanted", flat=True))
    failed = Chunk.objects.filter(job=job, state="failed").exists()
    assert failed or job.produced + planned + promised == job.requested, f"job {job.id}: {promised}"
    assert failed or not promised or undone.exists(), f"nobody plans on for job {job.id}"


def see_answers(world: World, model: Model, numbers: list[str]) -> None:
    """Ask with and without cache and filters: both say what the model says."""
    numbers = [pan for pan in numbers if pan.isdigit()]
    told = [
        [(found.state, found.slot, found.owner) for found in check(numbers, hints=hints)]
        for hints in (True, False)
    ]
    places = packed_slots(np.array(numbers, dtype="S19"), ranges=world.ranges)
    for pan, place, hinted, plain in zip(numbers, places, *told, strict=True):
        assert hinted == plain, f"with hints {hinted}, without {plain}"
        state, slot, owner = plain
        assert state in model.state_of(pan, in_a_range=place >= 0), f"slot {slot} is {state}"
        if card := model.now.cards.get(pan):
            assert (slot, owner) == (card.slot, card.owner), f"slot {slot} is {owner}'s"


def see_end(world: World, model: Model) -> None:
    """Once nothing is left to do: every job is final, every result right, every number counted."""
    for job in Job.objects.all():
        assert job.status in FINAL, f"job {job.id} stays {job.status}"
        if not model.now.jobs[job.id].purged:
            _see_result(model, job)
    figures = figures_of(world.ranges)
    for one in world.ranges:
        of_it = figures[one.pk]
        assert of_it.promised == 0, f"{of_it.promised} numbers of {one.name} stay promised"
        assert of_it.reserved == 0, f"{of_it.reserved} numbers of {one.name} stay reserved"
        inside = [c for c in model.now.cards.values() if c.slot // SLOTS_PER_RANGE == one.pk]
        assert of_it.issued == len(inside), f"{one.name}: {of_it.issued} for {len(inside)} issued"
        assert of_it.left == _left(one, model), f"{one.name}: {of_it.left} left"
    _see_audit(model)


def _see_audit(model: Model) -> None:
    """The audit finds nothing, unless a provider published the number of a card."""
    out = StringIO()
    with suppress(CommandError):
        call_command(
            "validate_uniqueness", json=True, while_minting=True, stdout=out, stderr=StringIO()
        )
    failed = [check for check in json.loads(out.getvalue())["checks"] if check["ok"] is False]
    known = Check.EXCLUDED.name.lower() if ledger().keys() & model.now.excluded.keys() else None
    assert all(check["check"] == known for check in failed), failed


def _see_result(model: Model, job: Job) -> None:
    """The result that callers fetch holds exactly the job's own cards, each as its recipe says."""
    blocks = list(results.blocks(job))
    pans = [pan.decode() for block in blocks for pan in block.batch.cards.pans.tolist()]
    mine = model.now.cards_of(job.id)
    assert len(pans) == len(mine), f"job {job.id}: {len(pans)} in the result, {len(mine)} made"
    assert set(pans) == mine, f"job {job.id}: the result has others' cards"
    if model.now.jobs[job.id].distinct:
        assert len({pan[-4:] for pan in pans}) == len(pans), "last fours repeat"
    if model.now.jobs[job.id].sequential:
        for block in blocks:
            values = block.batch.cards.pans.astype(np.int64)
            assert (np.diff(values) > 0).all(), "sequential numbers do not count up"
    call_command("verify_cards", job=job.id, stdout=StringIO(), stderr=StringIO())


def _left(issuer_range: IssuerRange, model: Model) -> int:
    """Count what may still be handed out; none of it ever was."""
    free = Reservation.objects.filter(issuer_range=issuer_range, state="free", sequential=False)
    spans = [Span(row.span.lower, row.span.upper) for row in free]
    first, end = issuer_range.first_slot, issuer_range.first_slot + issuer_range.capacity
    ahead = Span(first + cursor_of(issuer_range), end)
    spans += [ahead] if len(ahead) else []
    barred = {slot for span in spans for slot in excluded_slots(span)}
    for slot in set(model.handed_out.values()) - barred:
        assert not any(span.first <= slot < span.end for span in spans), f"{slot} is free again"
    return sum(map(len, spans)) - len(barred)
