"""Daphne with bounds: bodies, frames, and answers at the client's pace."""

from cardgen.server.bodies import bound_bodies
from cardgen.server.frames import limit_frames
from cardgen.server.pacing import pace_responses

__all__ = ["bound_bodies", "limit_frames", "pace_responses"]
