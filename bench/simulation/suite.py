"""Measure, compare with real runs, then simulate what no machine at hand can do."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (models need Django set up)

from bench.options import refuse_to_replace  # noqa: E402
from bench.simulation import leasing, sizes, tables, trial  # noqa: E402
from bench.simulation.costs import Costs, load, save  # noqa: E402
from bench.simulation.measure import measure  # noqa: E402
from bench.simulation.model import Load, simulate  # noqa: E402
from cardgen.access.first import ensure_administrator  # noqa: E402


def main() -> None:
    """Parse the options, measure unless told the costs, print the tables."""
    options = parse(sys.argv[1:])
    costs = load(options.costs) if options.costs else _measured(options)
    tables.show_costs(costs)
    tables.show_scale(_scale(costs, options))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--costs", type=Path, help="take costs from this file, measure nothing")
    parser.add_argument("--save", type=Path, help="write the costs measured to this file")
    parser.add_argument("--sample", type=int, default=1_500_000, help="cards minted to measure")
    parser.add_argument("--trial", type=int, default=1_000_000, help="cards of each real run")
    parser.add_argument("--rounds", type=int, default=5, help="real runs; the calmest counts")
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--cards", type=int, default=10**9)
    parser.add_argument("--jobs", type=int, default=10, help="that the cards are ordered in")
    parser.add_argument("--cores", type=int, nargs="+", default=[8, 16, 32, 64])
    parser.add_argument("--chunks", type=int, nargs="+", default=[20_000, 50_000, 200_000])
    parser.add_argument("--log", type=float, help="MB/s of the log's disk; else as measured here")
    parser.add_argument("--serial", type=float, nargs="+", default=[0.0, 0.2])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--force", action="store_true", help="replace the file of --save")
    options = parser.parse_args(arguments)
    if options.save:
        refuse_to_replace(parser, [options.save], force=options.force)
    return options


def _measured(options: argparse.Namespace) -> Costs:
    call_command("migrate", verbosity=0)
    call_command("load_catalogue", verbosity=0)
    if ensure_administrator() is None:
        raise SystemExit("the simulation wants servers of its own: this database is in use")
    costs = measure(options.sample)
    trials = [
        trial.run(workers=workers, cards=options.trial, rounds=options.rounds)
        for workers in (1, 2, 3, 4)
    ]
    tables.show_sizes(sizes.read())
    costs = leasing.with_contention(costs)
    tables.show_trials(_compared(costs, trials))
    if options.save:
        save(costs, options.save)
    return costs


def _compared(costs: Costs, trials: list[trial.Trial]) -> Iterator[tables.Compared]:
    for real in trials:
        plan = Load(
            workers=real.workers,
            cards=real.cards,
            chunk=trial.CHUNK,
            cores=os.cpu_count() or 1,
            shared=True,
            rivals=real.rivals,
        )
        yield tables.Compared(real=real, predicted=simulate(costs, plan))


def _scale(costs: Costs, options: argparse.Namespace) -> Iterator[tables.Scaled]:
    if options.log:
        costs = tables.with_log(costs, options.log)
    for serial in options.serial:
        for chunk in options.chunks:
            for cores in options.cores:
                plan = Load(
                    workers=options.workers,
                    cards=options.cards,
                    chunk=chunk,
                    cores=cores,
                    jobs=options.jobs,
                    serial=serial,
                    seed=options.seed,
                )
                yield tables.Scaled(plan=plan, outcome=simulate(costs, plan))


if __name__ == "__main__":
    main()
