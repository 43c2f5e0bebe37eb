"""The operations of docs/openapi.yaml, and requests that schemathesis makes for them."""

import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from chaos.fuzzing.samples import BODIES, Samples
from chaos.fuzzing.wire import WireRequest

_NOWHERE = "http://localhost"
_SENT = ("method", "url", "headers", "params", "json", "data", "cookies", "files")
_MADE_OF = ("allOf", "anyOf", "oneOf")
_LAST = ("GET", "POST", "PUT", "PATCH", "DELETE")  # what switches ranges off comes after the orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method and a path of the schema, and the places where a value may stand."""

    described: Any  # schemathesis' own object, generic in types that it does not show

    @property
    def method(self) -> str:
        """GET, POST, …"""
        return str(self.described.method).upper()

    @property
    def path(self) -> str:
        """The path with its parameters in braces."""
        return str(self.described.path)

    @property
    def path_names(self) -> list[str]:
        """The parameters of the path."""
        return [one.name for one in self.described.path_parameters]

    @property
    def query_names(self) -> list[str]:
        """The parameters of the query."""
        return [one.name for one in self.described.query]

    @property
    def takes_body(self) -> bool:
        """Tell whether it reads one."""
        return len(self.described.body) > 0

    @property
    def media_type(self) -> str:
        """The first that it reads; JSON if it reads none."""
        return next((one.media_type for one in self.described.body), "application/json")

    @property
    def sample_body(self) -> Mapping[str, Any]:
        """A JSON body that it understands, if there is a sample."""
        return BODIES.get(self.path, {}) if self.takes_body else {}

    @property
    def body_names(self) -> list[str]:
        """The fields of its JSON body, in whichever of several ways it may be written."""
        schemas = [one.optimized_schema for one in self.described.body]
        found = [name for one in schemas for name in _names(one, whole=one)]
        return list(dict.fromkeys(found))


def _names(schema: Any, *, whole: Any) -> Iterator[str]:
    """Yield the properties of a schema and of those that it refers to or is made of."""
    if "$ref" in schema:
        steps = schema["$ref"].removeprefix("#/").split("/")
        yield from _names(reduce(getitem, steps, whole), whole=whole)
    yield from schema.get("properties", {})
    for part in (part for way in _MADE_OF for part in schema.get(way, ())):
        yield from _names(part, whole=whole)


def operations(schema: Path) -> list[Operation]:
    """Read all of them; those that only look come first."""
    loaded = schemathesis.openapi.from_path(schema)
    read: list[Any] = list(loaded.get_all_operations())
    found = [Operation(described=one.ok()) for one in read]
    return sorted(found, key=lambda one: _LAST.index(one.method))


def generated(
    operation: Operation, *, samples: Samples, chance: random.Random, count: int
) -> list[WireRequest]:
    """Make `count` requests, half as the schema says and half against it."""
    made: list[WireRequest] = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        strategy = operation.described.as_strategy(generation_mode=mode)

        def keep(case: Any) -> None:
            made.append(_as_sent(case, operation=operation, samples=samples, chance=chance))

        with_cases: Any = given(strategy)  # Hypothesis does not say what it returns
        run = _settings(max(1, count // 2))(with_cases(keep))
        # Where nothing is asked, nothing can be asked wrongly.
        with suppress(*([Unsatisfiable] if mode == GenerationMode.NEGATIVE else [])):
            seed(chance.getrandbits(64))(run)()
    return made


def _settings(examples: int) -> settings:
    return settings(
        database=None,
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _as_sent(
    case: Any, *, operation: Operation, samples: Samples, chance: random.Random
) -> WireRequest:
    """Write it as bytes; every second one names something that there is."""
    if chance.random() < 0.5:
        for name in operation.path_names:
            case.path_parameters[name] = samples.parameter(name, chance=chance)
    asked = case.as_transport_kwargs(base_url=_NOWHERE)
    known = {name: asked[name] for name in _SENT if name in asked}
    prepared = requests.Request(**known).prepare()
    body: Any = prepared.body
    return WireRequest(
        method=operation.method,
        target=quote(prepared.path_url, safe="/?&=%+;,:@!$'()*~-._[]"),
        headers={name: _text(value) for name, value in prepared.headers.items()},
        body=body.encode() if isinstance(body, str) else body,
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
