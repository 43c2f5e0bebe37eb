"""What all steps share: the model, the world, and a look at both after each step."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import SearchStrategy

from generation.models import IssuerRange
from jobs import states, upkeep, work
from jobs.models import Chunk, Job, Status
from jobs.work.leases import Lease
from tests.support.fixtures import silent
from tests.uniqueness.machine import checks
from tests.uniqueness.machine.model import Model
from tests.uniqueness.machine.world import (
    World,
    cursor_of,
    forget_holders,
    make_overdue,
    number,
    rolled_back,
    start_afresh,
)

T = TypeVar("T")
_MOST_ROUNDS = 200
_SAMPLE = 6


def step(**strategies: SearchStrategy[Any]) -> Callable[..., Any]:
    """Make a rule that is followed by a look at everything."""

    def decorate(action: Callable[..., UUID | None]) -> Any:
        @wraps(action)
        def run(self: "Base", **drawn: Any) -> None:
            self.sound = False
            owner = action(self, **drawn)
            self.look(owner)
            Base.steps += 1
            self.sound = True

        as_rule: Any = rule  # its overloads cannot be told from a dictionary
        return as_rule(**strategies)(run)

    return decorate


class Base(RuleBasedStateMachine):
    """One run: everything it does is rolled back at its end.

    A rule returns the job whose cards it may have made. `sound` is false while a step is under way,
    so that a run that failed is not looked at again.
    """

    world: ClassVar[World]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.held: list[Lease] = []
        self.sound = True
        self.looks = 0
        self._undo = rolled_back()
        self._undo.__enter__()
        start_afresh()

    def teardown(self) -> None:
        """Let the workers finish, look at the end, and take everything back."""
        try:
            if self.sound:
                self._finish()
                checks.see_end(self.world, self.model)
                self._ask_everything()
        finally:
            self._undo.__exit__(None, None, None)

    def look(self, owner: UUID | None) -> None:
        """Compare what is there with the model."""
        self.looks += 1
        checks.see_ledger(self.model, owner=owner)
        checks.see_exclusions(self.model)
        checks.see_jobs(self.model)
        checks.see_answers(self.world, self.model, self._sample())

    def jobs(self, *statuses: Status) -> list[Job]:
        """The jobs in these states, the oldest first."""
        found = Job.objects.filter(status__in=statuses) if statuses else Job.objects.all()
        return list(found.order_by("created_at", "id"))

    def new_job(self) -> Job | None:
        """The job that nobody has heard of so far."""
        return Job.objects.exclude(id__in=self.model.now.jobs).first()

    def range_of(self, *, small: bool) -> IssuerRange:
        """One of the two ranges."""
        return self.world.small if small else self.world.big

    def numbers_near(self, issuer_range: IssuerRange, offsets: Sequence[int]) -> list[str]:
        """Good numbers around the cursor, every other one by the order of sequential windows."""
        start = cursor_of(issuer_range)
        return [
            number(issuer_range, max(0, start + offset), sequential=offset % 2 == 1)
            for offset in offsets
        ]

    def work(self, *, most: int) -> int:
        """Do at most so many chunks; return how many there were to do."""
        for done in range(most):
            lease = work.lease_next()
            if lease is None:
                return done
            work.execute(lease)
            checks.see_ledger(self.model, owner=lease.job_id)
        return most

    def _finish(self) -> None:
        for job in self.jobs(Status.PAUSED):
            states.move(job.id, to=Status.QUEUED)
        for _ in range(work.MAX_ATTEMPTS + 1):
            make_overdue()
            upkeep.reconcile(ring=silent)
            assert self.work(most=_MOST_ROUNDS) < _MOST_ROUNDS, "the work does not end"
            if not Chunk.objects.filter(state__in=["waiting", "running"]).exists():
                break
        forget_holders()  # web processes hold numbers, and end too
        upkeep.clean_up()
        self.look(None)

    def _sample(self) -> list[str]:
        """Some numbers of each kind, others at every look."""
        now = self.model.now
        fates = (
            sorted(now.cards),
            sorted(now.excluded),
            sorted(now.claimed),
            sorted(now.passed),
            sorted(self.model.handed_out.keys() - now.cards.keys()),
        )
        known = [pan for fate in fates for pan in _turn(fate, self.looks)]
        near = [self.numbers_near(one, (-3, self.looks % 50, 0)) for one in self.world.ranges]
        return [*known, *near[0], *near[1], "4999999999999995"]

    def _ask_everything(self) -> None:
        small = self.world.small
        every = [number(small, slot) for slot in range(0, small.capacity, 7)]
        numbers = [*self.model.handed_out, *self.model.now.excluded, *every]
        checks.see_answers(self.world, self.model, numbers)
        checks.see_answers(self.world, self.model, numbers)


def one_of(found: Sequence[T], choice: int) -> T:
    """Pick one."""
    return found[choice % len(found)]


def _turn(found: Sequence[T], turn: int) -> Sequence[T]:
    start = turn * _SAMPLE % max(1, len(found))
    return found[start : start + _SAMPLE]
