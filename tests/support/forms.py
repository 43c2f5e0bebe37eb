"""What a browser sends of the order form."""

from typing import Any

from generation.fields import DEFAULT

TEXTS = (
    *(
        "label",
        "range",
        "defect",
        "ordering",
        "priority",
        "expiry_min",
        "expiry_max",
        "expiry_month",
    ),
    *("cvv", "cardholder_name", "address", "postcode", "service_code", "pin_length"),
)


EMPTY: dict[str, Any] = dict.fromkeys(TEXTS, "") | {"fields": list(DEFAULT)}
