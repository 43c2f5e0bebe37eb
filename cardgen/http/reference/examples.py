"""Bodies that succeed as they stand on a new service; a test sends each."""

from collections.abc import Mapping
from typing import Any

_PUBLISHED = "4242 4242 4242 4242"
EXAMPLES: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "cards_generate": {
        "Two Visa cards": {"scheme": "visa", "count": 2},
        "Chosen fields": {
            "scheme": "mastercard",
            "count": 1,
            "fields": ["pan", "expiry", "cvv", "cardholder_name"],
        },
        "Negative cards: wrong check digit": {"scheme": "visa", "count": 3, "defect": "luhn"},
        "Expired cards": {"scheme": "visa", "count": 3, "defect": "expired"},
        "Several schemes": {
            "items": [{"scheme": "visa", "count": 2}, {"scheme": "mastercard", "count": 1}]
        },
    },
    "cards_generate_async": {
        "A thousand Visa cards": {"scheme": "visa", "count": 1000, "label": "nightly"},
        "Several schemes": {
            "items": [{"scheme": "visa", "count": 600}, {"scheme": "mastercard", "count": 400}]
        },
    },
    "profiles_save": {
        "Twenty Visa cards for a smoke test": {
            "name": "checkout smoke",
            "order": {"scheme": "visa", "count": 20, "label": "smoke"},
        }
    },
    "profile_replace": {
        "Mastercard from now on": {
            "name": "checkout smoke",
            "order": {"scheme": "mastercard", "count": 20, "label": "smoke"},
        }
    },
    "cards_check": {"Is this number ours?": {"numbers": [_PUBLISHED]}},
    "cards_validate": {"What is this number?": {"numbers": [_PUBLISHED, "378282246310005"]}},
    "test_cards_lookup": {"A number of Stripe": {"numbers": ["4000000000009995"]}},
    "webhooks_register": {"Told of finished jobs": {"url": "https://hooks.example.com/cardgen"}},
    "keys_make": {"A key for a pipeline": {"name": "ci", "scopes": ["cards:mint", "cards:read"]}},
    "key_rotate": {"The old key works for an hour": {"overlap_hours": 1}},
    "tier_switch": {"Allow all schemes": {"enabled": True, "reason": "our gateway is a simulator"}},
    "queue_switch": {"Let it go on": {"paused": False, "reason": "the upgrade is done"}},
}
