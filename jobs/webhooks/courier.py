"""Send what is due from a thread of the reconciler's process, so that no minting waits for a host.

A host that hangs costs its owner a turn and nobody else anything: owners take turns, and so do the
webhooks of an owner; what an owner or a host has under way at one time is bounded. There is no
queue and no broker: the rows are asked every second.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Thread
from uuid import UUID

from django.db import connection

from jobs.webhooks import budget, delivery
from jobs.webhooks.delivery import Head, Letter
from jobs.webhooks.sending import Sending, send

AT_ONCE = 32
MOST_OF_OWNER = 8
MOST_OF_HOST = 4
_LOOK_SECONDS = 1.0
LAST_SECONDS = 2.0
logger = logging.getLogger(__name__)


class Courier:
    """Whoever sends; all its methods belong to one thread, the senders' threads only send."""

    def __init__(self) -> None:
        self._under_way: dict[int, Letter] = {}
        self._back: SimpleQueue[tuple[Letter, Sending]] = SimpleQueue()
        self._turns: dict[int | UUID, int] = {}
        self._turn = 0

    @property
    def busy(self) -> bool:
        """Tell whether something is under way."""
        return bool(self._under_way)

    def send_due(self) -> int:
        """Send off what is due and has its turn; return how many."""
        sent = 0
        while letters := delivery.take(self._choose(budget.within(delivery.heads()))):
            budget.spend(letters)
            for letter in letters:
                self._under_way[letter.delivery_id] = letter
                self._send_off(letter)
            sent += len(letters)
        return sent

    def record_back(self, *, within: float) -> None:
        """Record what came back, waiting `within` seconds at most for the first."""
        try:
            letter, outcome = self._back.get(timeout=within)
            while True:
                self._record(letter, outcome)
                letter, outcome = self._back.get_nowait()
        except Empty:
            return

    def _choose(self, heads: list[Head]) -> list[Head]:
        """Choose what goes off now: one of each webhook at most, whose turn was longest ago first.

        Turns of whoever has nothing due are forgotten.
        """
        due = {key for head in heads for key in (head.owner_id, head.webhook_id)}
        self._turns = {key: turn for key, turn in self._turns.items() if key in due}
        hosts = Counter(letter.host for letter in self._under_way.values())
        owners = Counter(letter.owner_id for letter in self._under_way.values())
        chosen: list[Head] = []
        while len(self._under_way) + len(chosen) < AT_ONCE:
            heads = [
                head
                for head in heads
                if hosts[head.host] < MOST_OF_HOST and owners[head.owner_id] < MOST_OF_OWNER
            ]
            if not heads:
                break
            head = min(heads, key=self._last_turn)
            heads.remove(head)
            self._turn += 1
            self._turns |= {head.owner_id: self._turn, head.webhook_id: self._turn}
            hosts[head.host] += 1
            owners[head.owner_id] += 1
            chosen.append(head)
        return chosen

    def _last_turn(self, head: Head) -> tuple[int, int]:
        return self._turns.get(head.owner_id, 0), self._turns.get(head.webhook_id, 0)

    def _record(self, letter: Letter, outcome: Sending) -> None:
        try:
            delivery.record(letter, outcome)
        except Exception:
            # What arrived is not sent again because the database was away.
            self._back.put((letter, outcome))
            raise
        self._under_way.pop(letter.delivery_id, None)

    def _send_off(self, letter: Letter) -> None:
        # Not a pool: its threads would keep the process from ending while a host hangs.
        try:
            Thread(target=self._send, args=[letter], daemon=True).start()
        except RuntimeError:  # no more threads here
            self._back.put((letter, Sending(status=None, error="It could not be sent from here.")))

    def _send(self, letter: Letter) -> None:
        try:
            outcome = send(
                letter.url, body=letter.body, headers=letter.headers, expects=letter.expects
            )
        except Exception as error:  # noqa: BLE001 (a letter that never comes back keeps its place)
            outcome = Sending(status=None, error=f"The attempt failed ({type(error).__name__}).")
        self._back.put((letter, outcome))


def run_courier(*, stop: Event) -> None:
    """Deliver until told to stop; what is then under way has two seconds more to be recorded."""
    courier = Courier()
    while not stop.is_set():
        if not _step(courier):
            stop.wait(_LOOK_SECONDS)
    until = time.monotonic() + LAST_SECONDS
    while courier.busy and (left := until - time.monotonic()) > 0:
        if not _tried(lambda left=left: courier.record_back(within=left)):  # type: ignore[misc]
            time.sleep(min(left, _LOOK_SECONDS))


def _step(courier: Courier) -> bool:
    """Send and record; tell whether that could be done."""
    return _tried(courier.send_due) and _tried(lambda: courier.record_back(within=_LOOK_SECONDS))


def _tried(action: Callable[[], object]) -> bool:
    """Do it; tell whether it could be done. Whatever fails is tried again."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 (one row must not end everybody's webhooks)
        # The driver's message may quote a row.
        logger.warning("webhooks: %s, tries again", type(error).__name__)
        connection.close()
        return False
    return True
