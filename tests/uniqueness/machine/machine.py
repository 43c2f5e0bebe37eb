"""The machine: every step there is, with caches, filters and backups that fail."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition

from jobs.upkeep import advance_cursors
from tests.support.actors import somebody
from tests.uniqueness.machine import world
from tests.uniqueness.machine.base import one_of, step
from tests.uniqueness.machine.crashes import AFTER, Crashes
from tests.uniqueness.machine.deaths import dying
from tests.uniqueness.machine.minting import ANY, COUNT, KIND, RANGE
from tests.uniqueness.machine.model import Timeline
from uniqueness.bloom import sync
from uniqueness.bloom.sealing import seal

MISHAPS = [
    world.new_process,
    world.swap,
    *(partial(how, what) for how in (world.wipe, world.lie) for what in ("", "card", "bloom")),
]


class UniquenessMachine(Crashes):
    """All steps."""

    def __init__(self) -> None:
        super().__init__()
        self._backup: tuple[str, Timeline] | None = None

    @step(how=st.sampled_from(MISHAPS))
    def disturb(self, how: Callable[[], None]) -> None:
        """Cache or filters are lost or lie, or the process is another one."""
        how()

    @step(choice=ANY)
    def seal(self, choice: int) -> None:
        """Seal the filters of full windows, or of one that may get more cards."""
        windows = world.used_windows()
        if choice % 2 and windows:
            seal(one_of(windows, choice // 2))
        else:
            sync(seconds=60)

    @step()
    def back_up(self) -> None:
        """Take a backup of the database."""
        self._back_up()

    @precondition(lambda self: self._backup)
    @step(after=AFTER)
    def restore(self, after: int) -> None:
        """The database is lost: the backup comes back, and the documented steps follow.

        The first try of a step may die.
        """
        self._restore(after=after)

    @step(kind=KIND, where=RANGE, count=COUNT, done=st.integers(0, 3), after=AFTER)
    def lose_an_hour(self, kind: str, where: str, count: int, done: int, after: int) -> None:
        """Some work between backup and loss, so that the lost time is seldom empty."""
        self._back_up()
        self.work(most=done)
        self.look(self.order_at_once(kind, where, count))
        self._restore(after=after)

    def _back_up(self) -> None:
        self._backup = (transaction.savepoint(), deepcopy(self.model.now))

    def _restore(self, *, after: int) -> None:
        assert self._backup
        savepoint, known = self._backup
        used = [world.cursor_of(one) for one in self.world.ranges]
        lost, self.model.now = self.model.now, deepcopy(known)
        transaction.savepoint_rollback(savepoint)
        places = zip(used, self.world.ranges, strict=True)
        by = max(0, *(after - world.cursor_of(one) for after, one in places))
        with dying(after) as fate:
            advance_cursors(
                by=by, actor=somebody(self.world.root.username), reason="a backup was restored"
            )
        if fate.died:
            advance_cursors(
                by=by, actor=somebody(self.world.root.username), reason="the same, once more"
            )
        self._bring_back(lost)

    def _bring_back(self, lost: Timeline) -> None:
        """Import what was claimed, imported and published in the lost time."""
        published = {pan for pan, reason in lost.excluded.items() if reason == "published"}
        imported = (lost.excluded.keys() - published) | lost.claimed
        self.bring_in(sorted(imported), reason="imported")
        self.bring_in(sorted(published), reason="published")
