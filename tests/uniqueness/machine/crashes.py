"""Processes that die between any two statements, a cache that is gone, a queue that stops."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone
from hypothesis import strategies as st

from cardgen.configuration.cache import caches
from jobs import control, upkeep
from jobs.models import FINAL, Job
from jobs.orders import Origin, at_once
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.uniqueness.exclusions.files import bring_in, text_of
from tests.uniqueness.machine.base import one_of, step
from tests.uniqueness.machine.deaths import dying
from tests.uniqueness.machine.minting import ANY, COUNT, KIND, RANGE
from tests.uniqueness.machine.model import Asked
from tests.uniqueness.machine.numbers import DIGITS, OFFSETS, SMALL, Numbers
from tests.uniqueness.machine.world import forget_holders, new_process
from toolkit.refusals import Refusal
from uniqueness.bloom import sync
from uniqueness.exclusions.adding import exclude

AFTER = st.integers(0, 70)
NO_CACHE = caches("unix:///nowhere/nobody.sock?db=1", timeout=0.2)
UPKEEP = [upkeep.clean_up, partial(upkeep.reconcile, ring=silent), partial(sync, seconds=60)]


class Crashes(Numbers):
    """Steps in which something stops for good or for a while."""

    @step(kind=KIND, where=RANGE, count=COUNT, after=AFTER)
    def die_inline(self, kind: str, where: str, count: int, after: int) -> UUID | None:
        """A web process dies while it accepts an order, or between or in its chunks."""
        wanted = self._order(kind, where, count)
        with suppress(Refusal), dying(after) as fate:
            at_once.generate(order=wanted, origin=Origin(owner=self.world.tester))
        if fate.died:
            new_process()
        job = self.new_job()
        return self.remember(job, wanted) if job else None

    @step(small=SMALL, digits=DIGITS, count=st.integers(1, 4), ending=st.booleans(), after=AFTER)
    def die_claiming(
        self, small: bool, digits: str, count: int, ending: bool, after: int
    ) -> UUID | None:
        """A web process dies in a claim."""
        return self.claim_by_digits(
            small=small, digits=digits, count=count, ending=ending, after=after
        )

    @step(small=SMALL, offsets=OFFSETS, publish=st.booleans(), after=AFTER)
    def die_importing(self, small: bool, offsets: list[int], publish: bool, after: int) -> None:
        """A process dies while it excludes numbers: all of them are, or none."""
        numbers = self.numbers_near(self.range_of(small=small), offsets)
        with dying(after) as fate:
            if publish:
                exclude(dict.fromkeys(numbers, "a provider"), reason="published")
            else:
                bring_in(text_of(*numbers))
        if not fate.died:
            self.keep_out(numbers, reason="published" if publish else "imported")

    @step(how=st.sampled_from(UPKEEP), after=AFTER, forgotten=st.booleans())
    def die_tidying_up(self, how: Callable[[], object], after: int, forgotten: bool) -> None:
        """The clock's process dies while it frees, joins, ends or seals."""
        if forgotten:
            forget_holders()
        with dying(after):
            how()
        new_process()

    @step(kind=KIND, where=RANGE, count=COUNT, most=st.integers(0, 3))
    def be_without_cache(self, kind: str, where: str, count: int, most: int) -> UUID | None:
        """The cache server is gone for a while, and all goes on."""
        with override_settings(CACHES=NO_CACHE):
            self.work(most=most)
            owner = self.order_at_once(kind, where, count)
            self.look(owner)
        new_process()
        return owner

    @step(kind=KIND, where=RANGE, count=COUNT)
    def pause_the_queue(self, kind: str, where: str, count: int) -> None:
        """While the queue is paused, orders wait and nobody works."""
        self._set_queue(paused=True)
        self.order_at_once(kind, where, count)
        assert self.work(most=1) == 0
        self._set_queue(paused=False)

    @step(choice=ANY)
    def miss_the_deadline(self, choice: int) -> None:
        """A job is not done in time."""
        if jobs := [job for job in self.jobs() if job.status not in FINAL]:
            late = Job.objects.filter(id=one_of(jobs, choice).id)
            late.update(deadline=Now() - timedelta(days=1))
            upkeep.reconcile(ring=silent)

    @step(choice=ANY)
    def clone(self, choice: int) -> None:
        """Order the same once more."""
        if jobs := self.jobs():
            with suppress(Refusal):
                job = control.clone(
                    one_of(jobs, choice),
                    origin=Origin(owner=self.world.tester),
                    ring=silent,
                    now=timezone.now(),
                )
                self.model.now.jobs[job.id] = Asked(
                    count=job.requested,
                    distinct=job.distinct_last_four,
                    sequential=job.sequential,
                )

    def _set_queue(self, *, paused: bool) -> None:
        control.set_queue(
            paused=paused, reason="a test of the queue", actor=somebody("root"), ring=silent
        )
