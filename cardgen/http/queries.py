"""What may stand after the `?` of an API route: what its document names, once, and nothing else.

A misspelt filter that is passed over in silence answers another question than the one asked.
"""

from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from toolkit.near import did_you_mean
from toolkit.requests import looks_like_a_pan, refuse_pans

_SHOWN = 10


class KnownParameters(BasePermission):
    """Refuses other parameters, after rights were checked and before anything is done."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let the request through.

        :raises ValidationError: names each parameter that is wrong, and those there are
        :raises PanInUrl: if one is a card number, which is not quoted
        """
        query = request.query_params
        if not query:
            return True
        known = _known(view.__class__, str(request.method).lower())
        if errors := _errors(query, known):
            refuse_pans(query, found=looks_like_a_pan)
            raise ValidationError(dict(list(errors.items())[:_SHOWN]))
        return True


def _errors(query: Any, known: tuple[str, ...]) -> dict[str, str]:
    errors = {name: _unknown(name, known) for name in query if name not in known}
    again = [name for name in known if len(query.getlist(name)) > 1]
    return errors | dict.fromkeys(again, "Give this parameter once.")


def _unknown(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return "Unknown parameter. This route takes none after the ?."
    return f"Unknown parameter.{did_you_mean(name, known)} Allowed: {', '.join(known)}."


@cache
def _known(kind: Hashable, method: str) -> tuple[str, ...]:
    """Return the names of what the method's `extend_schema` describes as parts of the query."""
    handler = getattr(kind, "get" if method == "head" else method, None)
    schema = getattr(handler, "kwargs", {}).get("schema")
    if schema is None:
        return ()
    described = schema()
    described.view, described.method = _Nowhere(), method.upper()
    return tuple(_names(described.get_override_parameters()))


class _Nowhere:
    """A view without a request: parameters do not differ by version."""

    request = None
    kwargs: ClassVar[dict[str, Any]] = {}

    def determine_version(self, request: None) -> tuple[None, None]:
        """There are no versions."""
        return None, None


def _names(described: Iterable[Any]) -> Iterator[str]:
    for one in described:
        if not isinstance(one, OpenApiParameter):
            yield from one().fields
        elif one.location == OpenApiParameter.QUERY:
            yield one.name
