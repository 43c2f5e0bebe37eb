"""What may be meant by an option, or a value of one, that a command does not have."""

import re
from argparse import ArgumentParser
from typing import NoReturn

from toolkit.near import did_you_mean, meant_by

_NO_CHOICE = re.compile(r"invalid choice: '(.*)' \(choose from (.*)\)")
_NO_OPTION = re.compile(r"unrecognized arguments: (.*)")
_OPTION = re.compile(r"--[\w-]+")


def suggest_in(parser: ArgumentParser) -> None:
    """Have the parser's refusals end with what may be meant."""
    refuse = parser.error

    def refuse_with_hint(message: str) -> NoReturn:
        refuse(message + _meant(message, parser))

    parser.error = refuse_with_hint  # type: ignore[method-assign]


def _meant(message: str, parser: ArgumentParser) -> str:
    if choice := _NO_CHOICE.search(message):
        return did_you_mean(choice[1], re.findall(r"[^', ]+", choice[2]))
    if options := _NO_OPTION.search(message):
        return meant_by(_OPTION.findall(options[1]), _OPTION.findall(parser.format_usage()))
    return ""
