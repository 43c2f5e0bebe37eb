"""Names on a command line of apps and modules that are not there: one line, before anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from toolkit.exit_codes import ExitCode
from toolkit.near import did_you_mean

_APP, _TEST = "app_label", "test_label"


def require_known(
    command: BaseCommand, arguments: Sequence[Any], options: Mapping[str, Any]
) -> None:
    """Let only apps and tests pass that there are; Django looks for some, and in its own words.

    :raises CommandError: a bad request; says which app may be meant
    """
    if not (arguments or options.get(_APP)):
        return
    usage = command.create_parser("cardgen", type(command).__module__).format_usage()
    if _APP in usage:
        _require_apps([*arguments, *_texts(options.get(_APP))])
    elif _TEST in usage:
        _require_tests(arguments)


def typed_module(error: ModuleNotFoundError, arguments: Sequence[str]) -> bool:
    """Tell whether a module that is not there was named on the command line, as a value or so."""
    words = (word for argument in arguments for word in argument.split("="))
    return any(f"{word}.".startswith(f"{error.name}.") for word in words)


def _require_apps(labels: Iterable[str]) -> None:
    known = [app.label for app in apps.get_app_configs()]
    for label in (text.partition(".")[0] for text in labels):
        if label not in known:
            raise CommandError(
                f"there is no app {label!r}.{did_you_mean(label, known)} Known: {', '.join(known)}",
                returncode=ExitCode.BAD_REQUEST,
            )


def _require_tests(labels: Iterable[str]) -> None:
    for label in labels:
        module = label.partition(".")[0]
        if not (Path(label).exists() or (module and find_spec(module))):
            raise CommandError(
                f"there is no module, folder or file {label!r}", returncode=ExitCode.BAD_REQUEST
            )


def _texts(value: str | Sequence[str] | None) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value or ()
