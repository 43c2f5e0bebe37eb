"""The measurement, against servers that run already."""

import sys

import django

django.setup()

from bench.migrations.measuring import measure, table  # noqa: E402 (models need Django set up)


def main() -> None:
    """Measure, and print the table."""
    rows, jobs = map(int, sys.argv[1:])
    print(table(measure(rows=rows, jobs=jobs)))  # noqa: T201


if __name__ == "__main__":
    main()
