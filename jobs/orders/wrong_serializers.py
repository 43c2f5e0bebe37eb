"""What is right of a wrong order: enough to see what else stands in its way."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from jobs.orders.order import ItemOrder, Order
from jobs.orders.serializers import ItemSerializer, OptionsSerializer

_SOURCES = ("scheme", "range", "iin", "bin")
_SAY_WHAT = {*_SOURCES, "count", "items", "numbers", "ending", "start", "non_field_errors"}


def sketch(serializer: OptionsSerializer) -> Order:
    """The order of a body that was checked; what is wrong in it is left out.

    Items keep their places: one whose source is wrong has none, one whose count is wrong has 0.
    """
    body, wrong = serializer.initial_data, serializer.errors
    right = _right(type(serializer), body, wrong=wrong)
    rows = body.get("items") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return serializer.order_of(right, items=(_item(right),))
    wrong_rows = wrong.get("items", {})
    by_row = wrong_rows if isinstance(wrong_rows, dict) else {}
    lines = (_right(ItemSerializer, row, wrong=by_row.get(at, {})) for at, row in enumerate(rows))
    return serializer.order_of(right, items=tuple(map(_item, lines)))


def whole_wrong(serializer: OptionsSerializer) -> dict[str, Any]:
    """What is wrong with a body as a whole, which else is said once all its fields are right.

    Nothing while what it orders is wrong itself.
    """
    body, wrong = serializer.initial_data, serializer.errors
    if not isinstance(body, dict) or _SAY_WHAT & set(wrong):
        return {}
    right = _right(type(serializer), body, wrong=wrong)
    try:
        serializer.validate(right | {"items": []} if "items" in body else right)
    except serializers.ValidationError as error:
        return serializers.as_serializer_error(error)
    return {}


def right_values(serializer: OptionsSerializer) -> dict[str, Any]:
    """The values of a body that was checked, without what is wrong in it."""
    return _right(type(serializer), serializer.initial_data, wrong=serializer.errors)


def _right(
    kind: type[serializers.Serializer[Any]], body: Any, *, wrong: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of the fields that have no error; of items each is looked at by itself."""
    if not isinstance(body, dict):
        return {}
    rest = {name: value for name, value in body.items() if name not in {*wrong, "items"}}
    return dict(kind(data=rest, partial=True).to_internal_value(rest))


def _item(right: Mapping[str, Any]) -> ItemOrder:
    given = [name for name in _SOURCES if name in right]
    count = right.get("count", len(right.get("numbers", ())))
    if len(given) != 1:
        return ItemOrder(count=count)
    (name,) = given
    source = {"scheme" if name == "scheme" else "range": right[name]}
    return ItemOrder(count=count, **source)
