"""The service, Locust beside it, and the summary, against servers that run already."""

import sys

import django

django.setup()

from bench.scenarios.load import caches, offered  # noqa: E402 (models need Django set up)
from bench.scenarios.summary import Summary, text_of  # noqa: E402
from bench.service import serving  # noqa: E402


def main() -> None:
    """Run the scenarios and print the summary."""
    users, seconds = map(int, sys.argv[1:])
    with serving() as service:
        with offered(service, users=users, seconds=seconds) as found:
            pass
        summary = Summary.of(found, caches=caches(service), seconds=seconds)
    print(text_of(summary))  # noqa: T201


if __name__ == "__main__":
    main()
