"""Values that the service knows: with them a request gets past the first check."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chaos.world.web import Web
from generation.models import Tier

_API = "/api/v1"
_ORDER: dict[str, Any] = {"scheme": "visa", "count": 2}
_LATER = {"scheme": "visa", "count": 1_000}
_PROFILE = {"name": "fuzz", "order": _ORDER}
_NUMBERS = {"numbers": ["4111111111111111"]}
_SWITCH = {"enabled": True, "reason": "fuzz"}
_OWNED = {"scheme": "maestro", "iin": "509999", "pan_length": 12, "statement": "fuzz"}
BODIES: Mapping[str, dict[str, Any]] = {
    f"{_API}/cards/check": _NUMBERS,
    f"{_API}/cards/claim": {"range": "400000-16", "ending": "77", "count": 1},
    f"{_API}/cards/generate": _ORDER,
    f"{_API}/cards/generate-async": _LATER,
    f"{_API}/cards/generate-from-bin": {"iin": "400000", "count": 2},
    f"{_API}/cards/queue": {"paused": False, "reason": "fuzz"},
    f"{_API}/cards/renew": {**_NUMBERS, "months": 12},
    f"{_API}/cards/validate": _NUMBERS,
    f"{_API}/exclusions/remove": {**_NUMBERS, "reason": "fuzz"},
    f"{_API}/issuer-ranges": _OWNED,
    f"{_API}/keys": {"name": "fuzz", "scopes": ["check"]},
    f"{_API}/issuer-ranges/{{name}}": _SWITCH,
    f"{_API}/profiles": _PROFILE,
    f"{_API}/profiles/{{profile_id}}": _PROFILE,
    f"{_API}/test-cards/lookup": _NUMBERS,
    f"{_API}/tiers/{{tier}}": _SWITCH,
    f"{_API}/webhooks": {"url": "https://example.com/hook"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Values for the parameters of a path, by the parameter's name."""

    values: Mapping[str, Sequence[str]]

    def parameter(self, name: str, *, chance: random.Random) -> str:
        """Choose one that the service knows, or a plain word."""
        return chance.choice(self.values.get(name, ("word",)))


def collect(web: Web, *, callers: Sequence[Web]) -> Samples:
    """Order cards as every caller, and ask for the names of ranges and gateways."""
    ranges = [one["range"] for one in web.ask(f"{_API}/issuer-ranges").json["results"]]
    gateways = [one["gateway"] for one in web.ask(f"{_API}/cards/gateways").json["results"]]
    return Samples(
        values={
            "job_id": [job for caller in callers for job in _jobs(caller)],
            "profile_id": [one for caller in callers for one in _profiles(caller)],
            "name": ranges,
            "range": ranges,
            "window": ("0", "1"),
            "iin": ("411111", "41111111"),
            "slug": gateways,
            "tier": Tier.values,
        }
    )


def _jobs(caller: Web) -> list[str]:
    """Make a finished job and a waiting one, if the caller may."""
    answers = [
        caller.ask(f"{_API}/cards/generate", body=_ORDER),
        caller.ask(f"{_API}/cards/generate-async", body=_LATER),
    ]
    told = [one.json for one in answers if not one.is_problem]
    return [str(one.get("job", one.get("id"))) for one in told]


def _profiles(caller: Web) -> list[str]:
    """Save a profile, if the caller may; return those that they see."""
    caller.ask(f"{_API}/profiles", body=_PROFILE)
    answer = caller.ask(f"{_API}/profiles")
    return [] if answer.is_problem else [str(one["id"]) for one in answer.json["results"]]
