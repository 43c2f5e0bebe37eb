"""Daphne with bounds, a pace, a shared socket and a clean end, and the way to the views."""

from cardgen.server.bodies import BodyLimit, BodyLimits
from cardgen.server.feeding import Feeding
from cardgen.server.gate import (
    AddressLimit,
    Gate,
    Handshakes,
    InTurns,
    KnownClient,
    Narrow,
    Narrows,
    known_address,
)
from cardgen.server.handler import Handler
from cardgen.server.install import replace_classes
from cardgen.server.rooted import Rooted

__all__ = [
    "AddressLimit",
    "BodyLimit",
    "BodyLimits",
    "Feeding",
    "Gate",
    "Handler",
    "Handshakes",
    "InTurns",
    "KnownClient",
    "Narrow",
    "Narrows",
    "Rooted",
    "known_address",
    "replace_classes",
]
