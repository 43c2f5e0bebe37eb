"""Card schemes (networks): what the sourced catalogue says, and which scheme a number is of."""

from generation.schemes.detection import candidates, detect, range_of
from generation.schemes.evidence import BinListEntry, OwnedPrefix, bin_list_entry, owned_prefix
from generation.schemes.model import Luhn, RangeRole, Scheme, SchemeRange
from generation.schemes.naming import code_of
from generation.schemes.registry import catalogue, exists, get, name_of, ranges
from generation.schemes.text import group, mask, visible_iin

__all__ = [
    "BinListEntry",
    "Luhn",
    "OwnedPrefix",
    "RangeRole",
    "Scheme",
    "SchemeRange",
    "bin_list_entry",
    "candidates",
    "catalogue",
    "code_of",
    "detect",
    "exists",
    "get",
    "group",
    "mask",
    "name_of",
    "owned_prefix",
    "range_of",
    "ranges",
    "visible_iin",
]
