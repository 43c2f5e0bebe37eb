"""All benchmarks, against servers that run already."""

import sys
from collections.abc import Iterator

import django

django.setup()

from bench import check, job_against_copy, records  # noqa: E402 (models need Django set up)
from bench.load import single_card  # noqa: E402
from bench.options import Options, parse  # noqa: E402
from bench.report import history, machine, page, terminal  # noqa: E402
from bench.report.report import Report  # noqa: E402
from bench.row import Row  # noqa: E402
from bench.service import serving  # noqa: E402


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
    """The single card comes before what fills the ledger; `check` asks for the job's cards."""
    if "records" in options.parts:
        yield from records.measure(rounds=options.rounds)
    with serving() as service:
        if "single" in options.parts:
            yield from single_card.measure(service, rounds=options.rounds, seconds=options.seconds)
        if "job" in options.parts:
            yield job_against_copy.measure(service, cards=options.cards, rounds=options.rounds)
            yield from check.measure()


if __name__ == "__main__":
    main()
