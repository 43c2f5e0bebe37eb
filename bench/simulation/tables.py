"""What the simulation prints."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.simulation.costs import Costs
from bench.simulation.model import Load, Simulated
from bench.simulation.sizes import Sizes
from bench.simulation.trial import Trial

_STEPS = ("lease", "mint", "write", "locked", "tell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A real run, and what the simulation says of it."""

    real: Trial
    predicted: Simulated

    @property
    def error(self) -> float:
        """Per cent by which the predicted rate lies above the real one."""
        return 100 * (self.predicted.rate / self.real.rate - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A plan and its outcome."""

    plan: Load
    outcome: Simulated


def with_log(costs: Costs, megabytes: float) -> Costs:
    """Give the log another disk, of so many MB/s."""
    speed = megabytes * 1e6 / costs.log_bytes_per_second
    return replace(costs, log_bytes_per_second=megabytes * 1e6, flush_each=costs.flush_each / speed)


def show_sizes(sizes: Sizes) -> None:
    """Print bytes per card."""
    table, slots, pans = sizes.each()
    _say(f"\nbytes a card, over {sizes.cards:,} cards")
    _say(f"  table {table:.1f}, index over slots {slots:.1f}, index over PANs {pans:.1f}")


def show_costs(costs: Costs) -> None:
    """Print what a chunk costs."""
    _say("\nCPU time, database and worker: each chunk (ms) and each card (µs)")
    for name in _STEPS:
        cost = getattr(costs, name)
        _say(
            f"  {name:<8}{1e3 * cost.database:8.2f}{1e3 * cost.worker:8.2f} ms"
            f"{1e6 * cost.database_each:8.2f}{1e6 * cost.worker_each:8.2f} µs"
        )
    _say(f"  lease, for each chunk that runs: {1e6 * costs.lease_per_running:.2f} µs")
    _say(f"  lease, for each row being leased: {1e6 * costs.lease_per_locked:.2f} µs")
    _say(f"  beside, each card: {1e6 * costs.beside_each:.2f} µs")
    _say(
        f"  log: {costs.log_bytes_each:.0f} bytes a card, a flush takes {1e3 * costs.flush:.2f} ms"
        f" and {1e9 * costs.flush_each:.2f} ms a MB,"
        f" the disk takes {costs.log_bytes_per_second / 1e6:.0f} MB/s"
    )


def show_trials(compared: Iterable[Compared]) -> None:
    """Print real runs beside the predictions."""
    _say("\nreal runs on this machine, cards a second")
    _say(f"  {'workers':>7}{'rivals':>8}{'real':>10}{'simulated':>11}{'error':>8}")
    for one in compared:
        real = one.real
        _say(
            f"  {real.workers:>7}{real.rivals:>8.2f}{real.rate:>10,.0f}"
            f"{one.predicted.rate:>11,.0f}{one.error:>+7.1f}%"
        )


def show_scale(rows: Iterable[Scaled]) -> None:
    """Print the large plans."""
    heads = ("serial", "chunk", "cores", "minutes", "cards/s", "leasing", "blocked")
    uses = ("database", "log", "rows", "workers", "  busiest")
    _say("\nsimulated: " + "".join(f"{head:>10}" for head in (*heads, *uses)))
    for row in rows:
        plan, found = row.plan, row.outcome
        shares = (found.leasing, found.blocked, found.database, found.log, found.rows)
        _say(
            f"{'':11}{plan.serial:>10.0%}{plan.chunk:>10,}{plan.cores:>10.0f}"
            f"{found.seconds / 60:>10.1f}{found.rate:>10,.0f}"
            + "".join(f"{share:>10.1%}" for share in (*shares, found.working))
            + f"  {found.bottleneck}"
        )


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
