"""Issued numbers, remembered in this process and in the cache server.

Only what is true for ever is kept: a number was issued, in this slot, by this owner. That a number
was not issued is never kept, for it may be a moment later; a miss says nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from toolkit.counters import Counters
from toolkit.valkey.breaker import PAUSE
from toolkit.valkey.connections import Client, client
from uniqueness.cache import entries
from uniqueness.cache.entries import Issued
from uniqueness.cache.events import EVENTS, TOTAL, Event
from uniqueness.cache.fleet import CacheCommand, Fleet
from uniqueness.cache.generation import Generation
from uniqueness.cache.recent import Recent
from uniqueness.cache.token_cipher import Tokens, tokens

# Places are spread over so many hash tags: on a cluster one command for each, over all nodes.
TAGS = 64
_BATCH = 10_000  # numbers in one round trip

# Times to live differ by a tenth, so that what came together does not go together.
_WRITE = """
local bytes, seconds = tonumber(ARGV[2]), tonumber(ARGV[3])
local spread = math.max(1, math.floor(seconds / 10))
for i, key in ipairs(KEYS) do
  local value = string.sub(ARGV[1], (i - 1) * bytes + 1, i * bytes)
  redis.call('SET', key, value, 'EX', seconds - (i * 7919) % spread)
end
return #KEYS
"""


class AnswerCache:
    """Two layers: the latest `local` answers in this process, `shared` places in the server.

    :param seconds: how long an answer stays in the server, less up to a tenth
    :param pause: seconds in which a server that failed is left alone
    """

    def __init__(
        self,
        *,
        connect: Callable[[], Client],
        local: int,
        shared: int,
        seconds: int,
        pause: float = PAUSE,
    ) -> None:
        self.counters: Counters[Event] = Counters(EVENTS, tell=TOTAL.add)
        self._fleet = Fleet(connect=connect, counters=self.counters, pause=pause)
        self._recent: Recent[Issued] = Recent(most=local)
        self._generation = Generation(fleet=self._fleet, changed=self._recent.clear)
        self._shared = shared
        self._seconds = seconds

    def recall(self, pans: NDArray[np.bytes_], *, ask_server: bool = True) -> dict[int, Issued]:
        """Return what is known, by position in `pans` (ASCII). Never raises for the server's sake.

        :param ask_server: whether to go beyond this process
        :raises ValueError: if one is not 1 to 19 ASCII digits
        """
        names = tokens(pans)
        generation = self._generation.current()
        texts = names.tolist()
        found = self._recent.find(texts)
        self.counters.add("local_hits", len(found))
        if ask_server and generation is not None and len(found) < len(texts):
            left = [place for place in range(len(texts)) if place not in found]
            read = self._read(names[left], generation)
            self._recent.keep((texts[left[place]], answer) for place, answer in read.items())
            found |= {left[place]: answer for place, answer in read.items()}
            self.counters.add("server_hits", len(read))
        self.counters.add("misses", len(texts) - len(found))
        return found

    def remember(
        self, pans: NDArray[np.bytes_], answers: Mapping[int, Issued], *, tell_server: bool = True
    ) -> int:
        """Keep answers given by position in `pans`. Never raises for the server's sake.

        :param tell_server: whether other processes shall know
        :returns: how many the server took
        :raises ValueError: if a number is not 1 to 19 ASCII digits
        """
        places = sorted(answers)
        names, values = tokens(pans[places]), [answers[place] for place in places]
        generation = self._generation.current()
        self._recent.keep(zip(names.tolist(), values, strict=True))
        if not tell_server or generation is None:
            return 0
        return self._write(names, values, generation)

    def forget_all(self) -> bool:
        """Make every answer a miss, here at once, in other processes within seconds.

        :returns: False if the server cannot be told: then flush it, or restart the processes
        """
        told = self._generation.renew()
        self._recent.clear()
        return told

    def _read(self, names: Tokens, generation: int) -> dict[int, Issued]:
        found: dict[int, Issued] = {}
        for start in range(0, len(names), _BATCH):
            part = names[start : start + _BATCH]
            opened = entries.opened(part, self._values(part), generation=generation)
            self.counters.add("rejected", opened.rejected)
            found |= {start + place: answer for place, answer in opened.answers.items()}
        return found

    def _values(self, names: Tokens) -> list[bytes | None]:
        places = entries.places(names, most=self._shared)
        groups = list(_by_tag(places))
        commands = [CacheCommand(tag, ("MGET", *_keys(tag, places[at]))) for tag, at in groups]
        values: list[bytes | None] = [None] * len(names)
        for (_, positions), reply in zip(groups, self._fleet.send(commands), strict=True):
            if isinstance(reply, list):
                for position, value in zip(positions.tolist(), reply, strict=False):
                    values[position] = value if isinstance(value, bytes) else None
        return values

    def _write(self, names: Tokens, answers: Sequence[Issued], generation: int) -> int:
        taken = 0
        for start in range(0, len(names), _BATCH):
            part = slice(start, start + _BATCH)
            places = entries.places(names[part], most=self._shared)
            written = entries.sealed(names[part], answers[part], generation=generation)
            replies = self._fleet.send(
                [
                    CacheCommand(tag, self._eval(_keys(tag, places[at]), written[at].tobytes()))
                    for tag, at in _by_tag(places)
                ]
            )
            taken += sum(reply for reply in replies if isinstance(reply, int))
        return taken

    def _eval(self, keys: list[bytes], values: bytes) -> tuple[str | int | bytes, ...]:
        return ("EVAL", _WRITE, len(keys), *keys, values, entries.BYTES, self._seconds)


def _by_tag(places: NDArray[np.int64]) -> Iterator[tuple[bytes, NDArray[np.int64]]]:
    """Group positions by the hash tag of their place."""
    tags = places % TAGS
    order = np.argsort(tags, kind="stable")
    found, starts = np.unique(tags[order], return_index=True)
    for tag, positions in zip(found.tolist(), np.split(order, starts[1:]), strict=True):
        yield b"%d" % tag, positions


def _keys(tag: bytes, places: NDArray[np.int64]) -> list[bytes]:
    return [b"cardgen:card:{%b}:%d" % (tag, place) for place in places.tolist()]


@cache
def _answers() -> AnswerCache:
    return AnswerCache(
        connect=client,
        local=settings.CARDGEN_CACHE_LOCAL,
        shared=settings.CARDGEN_CACHE_SHARED,
        seconds=settings.CARDGEN_CACHE_SECONDS,
    )


def recall(pans: NDArray[np.bytes_], *, ask_server: bool = True) -> dict[int, Issued]:
    """Return what this process' cache knows, by position in `pans` (see `AnswerCache.recall`)."""
    return _answers().recall(pans, ask_server=ask_server)


def remember(
    pans: NDArray[np.bytes_], answers: Mapping[int, Issued], *, tell_server: bool = True
) -> int:
    """Keep answers given by position in `pans` (see `AnswerCache.remember`)."""
    return _answers().remember(pans, answers, tell_server=tell_server)


def forget_all() -> bool:
    """Make every answer a miss (see `AnswerCache.forget_all`): after a restore from a backup."""
    return _answers().forget_all()


def figures() -> dict[Event, int]:
    """Return what the cache did in this process since it started."""
    return _answers().counters.figures()
