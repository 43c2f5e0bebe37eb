"""An order as it is typed: the options of a command that orders, and what they ask for."""

import re
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from generation.kernel.defects import Defect
from jobs.orders import (
    AmbiguousProfile,
    Order,
    Origin,
    UnknownProfile,
    filled,
    without_profile,
)
from jobs.orders.error_answers import refuse_profile, require_valid
from jobs.orders.serializers import OrderSerializer
from toolkit.exit_codes import ExitCode

_AS_THEY_ARE = (
    *("profile", "scheme", "range", "expiry", "cvv", "cardholder_name", "address", "postcode"),
    *("service_code", "defect", "distinct_last_four", "ordering", "label", "team"),
)


def add_order_options(parser: ArgumentParser) -> None:
    """Declare the options. None has a default: what is not typed a profile may say."""
    parser.add_argument("--profile", help="name or id of a profile, which says what is left out")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--scheme", help="code of a scheme, e.g. visa")
    source.add_argument("--range", help="name of an issuer range, e.g. 400000-16")
    parser.add_argument("--count", help="1 to 100,000,000")
    parser.add_argument("--expiry", help="the same month for every card: YYYY-MM")
    parser.add_argument("--cvv", help="the same for every card")
    parser.add_argument("--cardholder-name", help="the same for every card")
    parser.add_argument("--address", help="billing address line, the same for every card")
    parser.add_argument("--postcode", help="the same for every card")
    parser.add_argument("--service-code", help="ISO/IEC 7813, the same for every card")
    parser.add_argument("--pin-length", help="4 to 12 digits; 4 if absent")
    parser.add_argument(
        "--defect",
        choices=[defect.value for defect in Defect],
        help="negative cards: what is wrong",
    )
    parser.add_argument(
        "--distinct-last-four",
        action=BooleanOptionalAction,
        help="no two end in the same four digits",
    )
    parser.add_argument("--ordering", choices=["random", "sequential"], help="random if absent")
    parser.add_argument("--label", help="to find the job again")
    parser.add_argument("--team", help="whose members share the job; the owner is one of them")
    parser.add_argument("--fields", help="names separated by commas, see docs/cards.md")


def order_of(options: dict[str, Any], *, owner: User) -> Order:
    """Return what the options ask for, filled in from the owner's profile if they name one.

    :raises InvalidRequest: if it is no order; says what would be refused of the rest, too
    :raises CommandError: if they say neither what to make nor how many
    :raises Mistake: if there is no such profile
    """
    said = {name: options[name] for name in _AS_THEY_ARE if options[name] is not None}
    for name in ("count", "pin_length"):
        said |= {} if options[name] is None else {name: _whole(options[name])}
    said |= {"fields": options["fields"].split(",")} if options["fields"] else {}
    if "profile" not in said:
        _require_all_of_it(said)
    origin = Origin(owner=owner)
    try:
        serializer = OrderSerializer(data=filled(said, user=owner))
    except (UnknownProfile, AmbiguousProfile) as refusal:
        rest = OrderSerializer(data=without_profile(said), partial=True)
        refuse_profile(refusal, rest, origin=origin)
    return require_valid(serializer, origin=origin)


def _require_all_of_it(said: dict[str, Any]) -> None:
    if not said.keys() & {"scheme", "range"}:
        missing = "give --scheme or --range, or a --profile that says it"
    elif "count" not in said:
        missing = "give --count, or a --profile that says it"
    else:
        return
    raise CommandError(missing, returncode=ExitCode.BAD_REQUEST)


def _whole(text: str) -> int | str:
    """Turn what is a whole number into one; the serializer refuses the rest in its own words."""
    plain = text.replace(",", "").replace("_", "")
    return int(plain) if re.fullmatch("-?[0-9]{1,18}", plain) else text
