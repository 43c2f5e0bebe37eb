"""What clients of the last release rely on is still there, or breaks on purpose. `make lint`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from docs.openapi_values import Document, Value, Values, values

DOCS = Path(__file__).parent
RELEASED = DOCS / "openapi-0.9.0.yaml"
TODAY = DOCS / "openapi.yaml"
BREAKS = DOCS / "openapi-breaks.yaml"
_AT_MOST = {"maxLength", "maximum", "maxItems"}
_AT_LEAST = {"minLength", "minimum", "minItems"}
_WIDER = {"integer": "number"}


def problems() -> Iterator[str]:
    """Tell what breaks and is not meant to, and what is meant to and does not; one line each."""
    meant = {one for group in _read(BREAKS) for one in group["breaks"]}
    found = set(breaks(_read(RELEASED), _read(TODAY)))
    yield from (f"breaks clients of the last release: {one}" for one in sorted(found - meant))
    yield from (f"{BREAKS.name}: does not break: {one}" for one in sorted(meant - found))


def breaks(old: Document, new: Document) -> Iterator[str]:
    """Tell what worked with the old document and does not with the new one."""
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            today = new["paths"].get(path, {}).get(method)
            lost = ["is gone"] if today is None else _of(_Pair(old, new), operation, today)
            yield from (f"{method.upper()} {path}: {one}" for one in lost)


class _Pair:
    """Both documents, to read a schema of each."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new

    def read(self, was: Document, now: Document) -> tuple[Values, Values]:
        return values(was, document=self._old), values(now, document=self._new)


def _of(pair: _Pair, was: Document, now: Document) -> Iterator[str]:
    yield from _refused("parameter", *pair.read(_parameters(was), _parameters(now)))
    if now.get("requestBody", {}).get("required") and not was.get("requestBody", {}).get(
        "required"
    ):
        yield "needs a body"
    for kind, one, other in _contents(was.get("requestBody", {}), now.get("requestBody", {})):
        if other is None:
            yield f"takes no {kind}"
        else:
            yield from _refused("body", *pair.read(one, other))
    for status in (status for status in was["responses"] if status.startswith("2")):
        yield from _answer(pair, status, was["responses"][status], now["responses"].get(status))


def _answer(pair: _Pair, status: str, was: Document, now: Document | None) -> Iterator[str]:
    if now is None:
        yield f"never answers {status}"
        return
    for kind, one, other in _contents(was, now):
        if other is None:
            yield f"{status} has no {kind}"
        else:
            yield from _untold(status, *pair.read(one, other))


def _parameters(operation: Document) -> Document:
    """Return the parameters as an object with a property for each."""
    found = {f"{one['in']} {one['name']}": one for one in operation.get("parameters", ())}
    return {
        "properties": {name: one.get("schema", {}) for name, one in found.items()},
        "required": [name for name, one in found.items() if one.get("required")],
    }


def _contents(was: Document, now: Document) -> Iterator[tuple[str, Document, Document | None]]:
    """Yield media types of the old one, and the schema of each in both."""
    today = now.get("content", {})
    for kind, one in was.get("content", {}).items():
        yield kind, one.get("schema", {}), today[kind].get("schema", {}) if kind in today else None


def _refused(what: str, was: Values, now: Values) -> Iterator[str]:
    """Tell what was taken and is refused."""
    for place in was.keys() - now.keys():
        yield f"{what}{place} is not taken"
    for place in now:
        if now[place].required and _parent(place) in was and not was.get(place, Value()).required:
            yield f"{what}{place} is required"
    for place in was.keys() & now.keys():
        yield from (f"{what}{place} {one}" for one in _tightened(was[place], now[place]))


def _untold(what: str, was: Values, now: Values) -> Iterator[str]:
    """Tell what was told and is no more."""
    for place in was.keys() - now.keys():
        yield f"{what}{place} is not told"
    for place in was.keys() & now.keys():
        one, other = was[place], now[place]
        if one.required and not other.required:
            yield f"{what}{place} may be absent"
        if one.types and not _within(other.types, one.types):
            yield f"{what}{place} is {_listed(other.types)}, was {_listed(one.types)}"
        if other.choices and one.choices - other.choices:
            yield f"{what}{place} is never {_listed(one.choices - other.choices)}"


def _tightened(was: Value, now: Value) -> Iterator[str]:
    if now.types and not (was.types and _within(was.types, now.types)):
        yield f"is {_listed(now.types)}, was {_listed(was.types)}"
    if now.choices and not was.choices:
        yield f"is one of {_listed(now.choices)}"
    elif now.choices and was.choices - now.choices:
        yield f"cannot be {_listed(was.choices - now.choices)}"
    for name, bound in now.bounds.items():
        if _is_tighter(name, was.bounds.get(name), bound):
            yield f"has {name} {bound}"


def _is_tighter(name: str, was: Any, now: Any) -> bool:
    if was is None:
        return True
    if name in _AT_MOST:
        return bool(now < was)
    return bool(now > was) if name in _AT_LEAST else now != was


def _within(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some) and all(one in others or _WIDER.get(one) in others for one in some)


def _parent(place: str) -> str:
    return place.rpartition(".")[0]


def _listed(found: frozenset[Any]) -> str:
    return ", ".join(sorted(map(str, found))) or "anything"


def _read(file: Path) -> Any:
    return yaml.load(file.read_text(), Loader=yaml.CSafeLoader)  # the one in Python: 0.5 s


if __name__ == "__main__":
    found = [*problems()]
    print(*found, sep="\n")  # noqa: T201 (it is a command)
    sys.exit(bool(found))
