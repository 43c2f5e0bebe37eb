"""Name and tier of ranges: they never change, so a process asks for each of them once."""

from collections.abc import Set as AbstractSet

from generation.models import IssuerRange

_known: dict[int, IssuerRange] = {}


def known(ids: AbstractSet[int]) -> dict[int, IssuerRange]:
    """Give ranges by id, for what never changes in them: whether one is switched on may.

    An id that no range has is left out.
    """
    if new := ids - _known.keys():
        _known.update(IssuerRange.objects.in_bulk(new))
    return {found: _known[found] for found in ids & _known.keys()}
