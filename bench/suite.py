"""All benchmarks, against servers that run already."""

import argparse

import django

django.setup()

from bench import check, job_against_copy, records  # noqa: E402 (models need Django set up)
from bench.service import serving  # noqa: E402
from bench.table import show  # noqa: E402


def main() -> None:
    """Parse the options, run every benchmark, print the table."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--cards", type=int, default=5_000_000, help="cards in the large job")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each; the median is shown")
    options = parser.parse_args()
    rows = list(records.measure())
    with serving() as service:
        rows += [job_against_copy.measure(service, cards=options.cards, rounds=options.rounds)]
        rows += check.measure()
    show(rows)


if __name__ == "__main__":
    main()
