"""Orders, and workers that die, are late, or come twice."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from jobs import orders, states, upkeep, work
from jobs.control import cancel, pause, resume, retry
from jobs.models import Job, Status
from jobs.orders import Order, Origin, accepting, at_once
from jobs.work import minting
from jobs.work.minting import Fenced
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.uniqueness.machine.base import Base, one_of, step
from tests.uniqueness.machine.model import Asked
from tests.uniqueness.machine.world import KINDS, forget_holders, make_overdue, order, rolled_back
from toolkit.refusals import Refusal
from uniqueness.errors import DuplicateRefused, RangeExhausted, ReservationLost
from uniqueness.pool.capacity import left_in

ANY = st.integers(0, 1_000)
KIND = st.sampled_from(KINDS)
COUNT = st.integers(1, 130)
RANGE = st.sampled_from(["small", "small", "big", "both"])
ENDED = (Fenced, ReservationLost, DuplicateRefused, Refusal)
"""Of these, a worker whose lease is good meets refusals only; see what `execute` makes of them."""


class Minting(Base):
    """Steps of jobs, workers and the reconciler."""

    @step(kind=KIND, where=RANGE, count=COUNT)
    def submit(self, kind: str, where: str, count: int) -> None:
        """Order cards; a refusal changes nothing."""
        wanted = self._order(kind, where, count)
        try:
            job = orders.submit(order=wanted, origin=Origin(owner=self.world.tester), ring=silent)
        except Refusal as refusal:
            self._understand(refusal, kind=kind, count=count)
        else:
            self.remember(job, wanted)

    @step(kind=KIND, where=RANGE, count=st.integers(1, 50))
    def generate(self, kind: str, where: str, count: int) -> UUID | None:
        """Order cards and have them at once."""
        return self.order_at_once(kind, where, count)

    @step(kind=KIND, where=RANGE, count=COUNT, done=st.integers(0, 2))
    def fail_halfway(self, kind: str, where: str, count: int, done: int) -> None:
        """A job fails after some chunks; what it did not mint is free again."""
        wanted = self._order(kind, where, count)
        with suppress(Refusal):
            job = orders.submit(order=wanted, origin=Origin(owner=self.world.tester), ring=silent)
            self.remember(job, wanted)
            self.work(most=done)
            states.move(job.id, to=Status.FAILED, error_code="a_test", error="!")
            upkeep.reconcile(ring=silent)

    def order_at_once(self, kind: str, where: str, count: int) -> UUID | None:
        """Order cards inline; the job, unless it is refused."""
        wanted = self._order(kind, where, count)
        try:
            job, _ = at_once.generate(order=wanted, origin=Origin(owner=self.world.tester))
        except Refusal:
            return None
        return self.remember(job, wanted)

    @step(count=COUNT)
    def die_before_minting_inline(self, count: int) -> None:
        """A web process accepts an order and dies before the first card; a full range refuses."""
        wanted = order("random", counts={self.world.big.name: count})
        with suppress(RangeExhausted):
            with transaction.atomic():
                job = accepting.create_job(
                    wanted, origin=Origin(owner=self.world.tester), status=Status.RUNNING
                )
                work.create_leased(accepting.reserve(job, wanted), job=job)
            self.remember(job, wanted)

    @step()
    def lease_a_chunk(self) -> None:
        """A worker leases a chunk, and nothing is heard of it for a while."""
        if lease := work.lease_next():
            self.held.append(lease)

    @step()
    def work_off_a_chunk(self) -> UUID | None:
        """A worker does its work."""
        if lease := work.lease_next():
            work.execute(lease)
            return lease.job_id
        return None

    @precondition(lambda self: self.held)
    @step(choice=ANY)
    def execute(self, choice: int) -> UUID:
        """A worker writes what it leased once, in time or too late."""
        lease = self.held.pop(choice % len(self.held))
        work.execute(lease)
        return lease.job_id

    @precondition(lambda self: self.held)
    @step(choice=ANY, known=st.booleans())
    def die_in_the_transaction(self, choice: int, *, known: bool) -> None:
        """The cards are copied, and the worker dies before the commit."""
        lease = one_of(self.held, choice)
        if not known:
            self.held.remove(lease)
        with suppress(*ENDED), rolled_back():
            minting._mint(lease)

    @precondition(lambda self: self.held)
    @step(choice=ANY)
    def die_after_the_commit(self, choice: int) -> UUID:
        """The cards are there, nobody is told, and the task is delivered again later."""
        lease = one_of(self.held, choice)
        with suppress(*ENDED):
            minting._mint(lease)
        return lease.job_id

    @precondition(lambda self: self.held)
    @step(choice=ANY)
    def be_overtaken(self, choice: int) -> UUID:
        """A lease runs out, another worker does the chunk, then the first one comes back."""
        late = self.held.pop(choice % len(self.held))
        make_overdue()
        upkeep.reconcile(ring=silent)
        lease = work.lease_in(late.job_id)
        if lease is not None:
            work.execute(lease)
        work.execute(late)
        return late.job_id

    @step(overdue=st.booleans())
    def reconcile(self, *, overdue: bool) -> None:
        """The clock strikes, perhaps after leases ran out."""
        if overdue:
            make_overdue()
        upkeep.reconcile(ring=silent)

    @step(forgotten=st.booleans())
    def clean_up(self, *, forgotten: bool) -> None:
        """Free what nobody holds."""
        if forgotten:
            forget_holders()
        upkeep.clean_up()

    @step(choice=ANY)
    def fail(self, choice: int) -> None:
        """A job fails for a reason of its own."""
        if jobs := self.jobs(Status.QUEUED, Status.RUNNING):
            states.move(one_of(jobs, choice).id, to=Status.FAILED, error_code="a_test", error="!")

    @step(choice=ANY, control=st.sampled_from([cancel, pause, resume, retry]))
    def control(self, choice: int, control: Callable[..., Job]) -> None:
        """Cancel, pause, resume or retry a job, or be refused."""
        if jobs := self.jobs():
            ring = {"ring": silent} if control in (resume, retry) else {}
            with suppress(Refusal):
                control(one_of(jobs, choice), actor=somebody(), **ring)

    def remember(self, job: Job, wanted: Order) -> UUID:
        """A job was accepted."""
        self.model.now.jobs[job.id] = Asked(
            count=wanted.count,
            distinct=wanted.distinct_last_four,
            sequential=wanted.sequential,
        )
        return job.id

    def _understand(self, refusal: Refusal, *, kind: str, count: int) -> None:
        """A range is exhausted only if there are fewer numbers left than were asked for."""
        if isinstance(refusal, RangeExhausted):
            assert int(str(refusal.facts["left"])) < count, str(refusal)
        if isinstance(refusal, RangeExhausted) and kind not in ("sequential", "distinct"):
            left = left_in(self.world.ranges).values()
            assert min(left) < count, f"{refusal} with {left} left"

    def _order(self, kind: str, where: str, count: int) -> Order:
        names = {"small": [0], "big": [1], "both": [1, 0]}[where]
        return order(kind, counts={self.world.ranges[at].name: count for at in names})
