"""A bounded dictionary that forgets what was not used for longest."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """At most `most` values by name, for all threads of a process."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[bytes, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def find(self, names: Sequence[bytes]) -> dict[int, Value]:
        """Return what is known, by the position of its name."""
        found: dict[int, Value] = {}
        with self._lock:
            get, touch = self._values.get, self._values.move_to_end
            for place, name in enumerate(names):
                if (value := get(name)) is not None:
                    touch(name)
                    found[place] = value
        return found

    def keep(self, pairs: Iterable[tuple[bytes, Value]]) -> None:
        """Keep the values, forgetting the oldest ones if there are too many."""
        with self._lock:
            self._values.update(pairs)
            for _ in range(len(self._values) - self._most):
                self._values.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
