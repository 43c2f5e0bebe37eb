"""All benchmarks, against servers that run already."""

import sys
from collections.abc import Callable, Iterable, Iterator

import django
from django.db import connections

django.setup()

from bench import (  # noqa: E402 (models need Django set up)
    check,
    downloads,
    flat,
    job_against_copy,
    records,
)
from bench.load import single_card  # noqa: E402
from bench.options import Options, parse  # noqa: E402
from bench.peers import full_range, written_rows  # noqa: E402
from bench.report import history, machine, page, terminal  # noqa: E402
from bench.report.report import Report  # noqa: E402
from bench.row import Row  # noqa: E402
from bench.service import Service, serving  # noqa: E402
from bench.watch import watched_job  # noqa: E402
from cardgen.embedded import paths  # noqa: E402


def main() -> None:
    """Parse the options, run the benchmarks, show the figures, keep them."""
    options = parse(sys.argv[1:])
    if options.write:
        page.require_place(options.write)
    facts = machine.read()
    _keep(Report(machine=facts, quick=options.quick, rows=list(_rows(options))), options)


def _keep(report: Report, options: Options) -> None:
    terminal.show(report.rows, before=history.last(options.history, report))
    history.add(options.history, report)
    page.save(report, folder=options.out)
    if options.write:
        page.write_into(options.write, report)


def _rows(options: Options) -> Iterator[Row]:
    """Measure the parts that are wanted, and say which one it is at."""
    with serving() as service:
        _own_tables()
        for name, part in _parts(service, options):
            if name in options.parts:
                print(f"measuring: {name}", file=sys.stderr, flush=True)  # noqa: T201
                yield from part()


def _own_tables() -> None:
    """Let this process make the rivals' tables; the service writes rows alone, as everywhere."""
    connections.close_all()
    connections.databases["default"]["USER"] = paths.OWNER


def _parts(service: Service, options: Options) -> Iterator[tuple[str, Callable[[], Iterable[Row]]]]:
    """List the parts: the single card comes before what fills the ledger."""
    rounds, seconds, cards = options.rounds, options.seconds, options.cards
    yield "single", lambda: single_card.measure(service, rounds=rounds, seconds=seconds)
    yield "records", lambda: records.measure(rounds=rounds, seconds=seconds / 2)
    yield "downloads", lambda: downloads.measure(service, cards=cards, rounds=rounds)
    yield "job", lambda: [job_against_copy.measure(service, cards=cards, rounds=rounds)]
    yield "job", check.measure  # of the cards of that job
    yield "watchers", lambda: watched_job.measure(service, cards=cards, rounds=rounds)
    yield "rows", written_rows.measure
    yield "full", lambda: full_range.measure(service)
    yield "flat", lambda: flat.measure(service, cards=options.flat_cards)  # fills the ledger


if __name__ == "__main__":
    main()
