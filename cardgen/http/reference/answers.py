"""Answers as they come; a test gets each from the service."""

from collections.abc import Mapping
from typing import Any

_DAYS = {"since": "2026-01-01", "until": "2026-01-03", "time_zone": "UTC"}
_TOTALS = {
    "cards": 1600,
    "schemes": {"mastercard": 400, "visa": 1200},
    "tiers": {"brand_shape": 400, "scheme_test": 1200},
}
ANSWERS: Mapping[str, dict[str, Any]] = {
    "cards_statistics": {**_DAYS, **_TOTALS},
    "cards_latest": {
        "day": "2026-01-03",
        "time_zone": "UTC",
        "cards": 700,
        "schemes": {"visa": 700},
        "tiers": {"scheme_test": 700},
    },
    "cards_by_day": {
        **_DAYS,
        "results": [
            {"day": "2026-01-01", "cards": 900},
            {"day": "2026-01-02", "cards": 0},
            {"day": "2026-01-03", "cards": 700},
        ],
        "next": None,
    },
    "cards_aggregated": {
        **_DAYS,
        "results": [{"scheme": "mastercard", "cards": 400}, {"scheme": "visa", "cards": 1200}],
        "next": None,
    },
}
