"""All that is wrong with an order that came over HTTP, in one answer (RFC 9457 `errors`)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from jobs.orders.obstacles import Obstacle, obstacles_to
from jobs.orders.order import Order, Origin
from jobs.orders.serializers import OptionsSerializer
from jobs.orders.wrong_serializers import sketch, whole_wrong
from toolkit.refusals import Refusal
from toolkit.requests import InvalidRequest

_WHOLE = "non_field_errors"
_OF_A_LINE = {"scheme", "range", "count"}
_NAMES = {
    "range": ("range", "iin", "bin"),
    "scheme": ("scheme", "vendor"),
    "count": ("count", "numbers"),
}
"""What requests call a field, or say it by, old names last."""
Finds = Callable[..., Iterable[Obstacle]]


def require_valid(
    serializer: OptionsSerializer, *, origin: Origin, find: Finds = obstacles_to
) -> Order:
    """Return the order of a body.

    :param find: lists what would be refused of an order that lacks what is wrong
    :raises InvalidRequest: with what is wrong in it, and what would be refused of the rest
    """
    if serializer.is_valid():
        return serializer.order()
    met = find(sketch(serializer), origin=origin)
    wrong = {**whole_wrong(serializer), **serializer.errors}
    raise InvalidRequest(wrong, also=_errors(met, body=serializer.initial_data))


def add_errors(
    refusal: Refusal,
    order: Order,
    *,
    origin: Origin,
    body: Mapping[str, Any] | None,
    find: Finds = obstacles_to,
) -> None:
    """Say beside a refusal what else the order would be refused for.

    :param body: as it was sent; None where there is none that an error could point into
    """
    if met := find(order, origin=origin, first=refusal):
        refusal.facts["errors"] = _errors(met, body=body)


def refuse_profile(refusal: Refusal, rest: OptionsSerializer, *, origin: Origin) -> NoReturn:
    """Refuse an order for the profile that it names, with all that is wrong in the rest of it.

    What the rest lacks is not told: the profile would have had it.

    :param rest: what the order says itself, `partial`
    :raises InvalidRequest: if some of that is wrong in itself
    :raises Refusal: else the one given
    """
    rest.is_valid()
    met = [Obstacle(refusal=refusal), *obstacles_to(sketch(rest), origin=origin)]
    also = _errors(met, body=rest.initial_data)
    wrong = {name: found for name, found in rest.errors.items() if name != _WHOLE}
    if wrong:
        raise InvalidRequest(wrong, also=also) from None
    refusal.facts["errors"] = also
    raise refusal


def _errors(met: Iterable[Obstacle], *, body: Any) -> list[dict[str, str]]:
    """List them, each once: several items may be refused for one and the same thing."""
    found: list[dict[str, str]] = []
    for one in met:
        error = {
            "pointer": _pointer(one, body=body),
            "detail": one.refusal.detail,
            "code": one.refusal.code,
        }
        if error not in found:
            found.append(error)
    return found


def _pointer(obstacle: Obstacle, *, body: Any) -> str:
    """The place in the body that mends it (RFC 6901)."""
    field, line = obstacle.field, obstacle.line
    if body is None:
        return ""
    if field in _OF_A_LINE and "items" in body:
        return "/items" if line is None else f"/items/{line}/{field}"
    field = next((name for name in _NAMES.get(field, ()) if name in body), field)
    return field and f"/{field}"
