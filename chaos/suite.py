"""The table of scenarios (docs/reliability.md), and how one of them is run."""

import time
from pathlib import Path

from django.db import DatabaseError
from psycopg import Error as DriverError

from chaos.outcome import Failure, Outcome, Size
from chaos.proof import prove
from chaos.scenario import Scenario
from chaos.scenarios import (
    bells,
    broker,
    calm,
    children,
    clocks,
    control,
    database,
    doors,
    fuzz,
    interruptions,
    messages,
    nodes,
    promotions,
    ranges,
    reconcilers,
    refusals,
    restores,
    retries,
    silence,
    soak,
    upgrades,
    workers,
    zombies,
)
from chaos.world.world import opened

SCENARIOS = (
    Scenario(
        id="R1",
        fault="whole workers killed (SIGKILL) at random moments under load",
        passes="no chunk idle longer than lease + 15 s; at least half the calm rate",
        counts=(2, 8, 300),
        full_minutes=15,
        alone=True,
        run=workers.kill_workers,
        settings={"CARDGEN_LEASE_SECONDS": "10", "CARDGEN_CHUNK_CARDS": "1000"},
    ),
    Scenario(
        id="R2",
        fault="pool children killed (SIGKILL) while they hold a chunk",
        passes="the chunk is retried within 5 s, though its lease runs for 30 s",
        counts=(2, 6, 200),
        full_minutes=8,
        run=children.kill_children,
        settings={"CARDGEN_LEASE_SECONDS": "30", "CARDGEN_CHUNK_CARDS": "10000"},
    ),
    Scenario(
        id="R3",
        fault="zombies: children frozen in mid-chunk past their lease, then woken",
        passes="the chunk is done by another within lease + 15 s; every late commit fenced",
        counts=(1, 3, 50),
        full_minutes=6,
        run=zombies.freeze_children,
        settings={"CARDGEN_LEASE_SECONDS": "4", "CARDGEN_SLICE_SECONDS": "2"},
    ),
    Scenario(
        id="R4",
        fault="the postmaster killed (SIGKILL) during COPY, then started again",
        passes="API says 503 problem+json meanwhile; API and workers are back within 30 s",
        counts=(1, 3, 20),
        full_minutes=8,
        run=database.kill_postmaster,
    ),
    Scenario(
        id="R5",
        fault="Valkey killed without persistence, flushed, and frozen",
        passes="the live page is right again within 10 s",
        counts=(1, 2, 20),
        full_minutes=12,
        run=broker.disturb,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R6",
        fault="no Valkey from start to end",
        passes="jobs finish through the reconciler",
        counts=(1, 3, 3),
        run=broker.do_without,
    ),
    Scenario(
        id="R7",
        fault="the web process killed (SIGKILL) during POST; clients retry by Idempotency-Key",
        passes="one job per key; no 2xx without its job; the cards of an order come once",
        counts=(2, 12, 200),
        full_minutes=8,
        run=retries.kill_web,
    ),
    Scenario(
        id="R8",
        fault="no Valkey while jobs are posted",
        passes="all accepted; all start within 30 s after it is back",
        counts=(20, 100, 500),
        full_minutes=3,
        run=bells.post_without_broker,
    ),
    Scenario(
        id="R9",
        fault="messages tripled, shuffled, stale ones added",
        passes="no doubled effect; the cards are those of a calm run",
        counts=(200, 1_000, 10_000),
        full_minutes=2,
        run=messages.forge,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R10",
        fault="the primary killed under load, its standby promoted in its place, the old one gone",
        passes="nothing acknowledged is lost; minting goes on within 60 s; no attempt is used up",
        counts=(1, 2, 10),
        full_minutes=5,
        run=promotions.promote_standbys,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R11",
        fault="the database lost under load; an older backup restored, then advance_cursors",
        passes="no number is handed out in both timelines; unfinished jobs go on",
        counts=(1, 1, 3),
        full_minutes=3,
        run=restores.lose_and_restore,
        settings={"CARDGEN_CHUNK_CARDS": "2000"},
    ),
    Scenario(
        id="R12",
        fault="16 clients order at once from a nearly empty range",
        passes="issued = capacity exactly; losers are told how many are left",
        counts=(1, 3, 20),
        full_minutes=2,
        run=ranges.exhaust,
    ),
    Scenario(
        id="R13",
        fault="cancel, pause, resume and retry at random points",
        passes="cards in the ledger = figure shown = lines downloaded; so many moves took effect",
        counts=(4, 40, 200),
        full_minutes=4,
        run=control.meddle,
        settings={"CARDGEN_CHUNK_CARDS": "2000"},
    ),
    Scenario(
        id="R14",
        fault="no reconciler for long; then, after a death, five at once",
        passes="late, but complete; no doubled effect",
        counts=(1, 2, 20),
        full_minutes=13,
        quiet=True,
        run=reconcilers.crowd_and_miss,
    ),
    Scenario(
        id="R15",
        fault="hostile requests to every operation, with a valid key of each role",
        passes="no 5xx; every error is RFC 9457; a refused request changes nothing",
        counts=(600, 2_000, 10_000),
        full_minutes=8,
        run=fuzz.bewilder,
        settings={
            "CARDGEN_CHUNK_CARDS": "1000000",
            "CARDGEN_LEASE_SECONDS": "80",
            "CARDGEN_CARDS_PER_DAY": "0",
            "CARDGEN_ACTIVE_JOBS": "0",
            "CARDGEN_DISK_RESERVE_MB": "0",
        },
    ),
    Scenario(
        id="R17",
        fault="WebSockets of strangers, frames of a megabyte, keys revoked, readers gone deaf",
        passes="closed with the right code within 60 s; the web process grows by less than 50 MB",
        counts=(4, 20, 100),
        run=doors.stand_in_doors,
        full_minutes=2,
    ),
    Scenario(
        id="R18",
        fault="half of all progress messages dropped while jobs are watched",
        passes="the right final figure within 5 s; figures never go backwards",
        counts=(2, 8, 20),
        run=silence.lose_messages,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R19",
        fault="PostgreSQL refuses: disk full, lock and statement timeouts, no connection left",
        passes="chunks retried within 30 s; nothing half-written; no error without a problem body",
        counts=(1, 2, 5),
        full_minutes=5,
        run=refusals.refuse,
    ),
    Scenario(
        id="R20",
        fault="the clocks of workers are an hour ahead and behind",
        passes="leases are unaffected: a dead worker's chunk is retried as ever",
        counts=(1, 1, 5),
        full_minutes=2,
        run=clocks.shift,
        settings={"CARDGEN_LEASE_SECONDS": "10", "CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R21",
        fault="an upgrade in mid-work: the last release and this version side by side, and back",
        passes="every order done once; no request refused without a word; both versions mint",
        counts=(1, 3, 9),
        full_minutes=5,
        run=upgrades.upgrade,
        settings={
            "CARDGEN_CHUNK_CARDS": "1000",
            "CARDGEN_CARDS_PER_DAY": "0",
            "CARDGEN_ACTIVE_JOBS": "0",
        },
    ),
    Scenario(
        id="R22",
        fault="jobs one after the other, watched and downloaded, for long (none: a soak)",
        passes="memory grows less than 5 % an hour; descriptors and connections are flat",
        counts=(4, 30, 200),
        full_minutes=9,
        run=soak.soak,
        settings={"CARDGEN_BLOOM_FILTERS": "4", "CARDGEN_CACHE_LOCAL": "1000"},
    ),
    Scenario(
        id="R23",
        fault="none: the yardstick",
        passes="what is proven after every scenario holds",
        counts=(2, 5, 20),
        run=calm.run_calmly,
    ),
    Scenario(
        id="R24",
        fault="a node of a distributed ledger killed under load",
        passes="minting goes on within 30 s after it is back; no attempt is used up",
        counts=(1, 3, 10),
        full_minutes=3,
        cluster=True,
        run=nodes.lose_nodes,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R25",
        fault="the coordinator of a distributed ledger killed under load",
        passes="minting goes on within 30 s after it is back; no attempt is used up",
        counts=(1, 3, 10),
        full_minutes=3,
        cluster=True,
        run=nodes.lose_coordinators,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R26",
        fault="a node killed between the two commits, the job cancelled before it is back",
        passes="no span is closed before its cards are seen; every span is closed in the end",
        counts=(1, 3, 10),
        full_minutes=3,
        cluster=True,
        run=nodes.lose_between_commits,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
    Scenario(
        id="R27",
        fault="the ledger distributed while clients order, nodes added, then brought back",
        passes="every order done once; no request refused without a word; new nodes get shards",
        counts=(1, 2, 4),
        full_minutes=5,
        cluster=True,
        run=nodes.grow,
        settings={"CARDGEN_CARDS_PER_DAY": "0", "CARDGEN_ACTIVE_JOBS": "0"},
    ),
    Scenario(
        id="R28",
        fault="distribute_ledger, and its --undo, killed in each step; the coordinator likewise",
        passes="doctor tells what is left; given again it finishes; nothing is left on servers",
        counts=(2, 12, 24),
        full_minutes=8,
        cluster=True,
        run=interruptions.interrupt,
        settings={"CARDGEN_CHUNK_CARDS": "5000"},
    ),
)


def find(name: str) -> Scenario:
    """Return the scenario of that id."""
    return next(one for one in SCENARIOS if one.id == name)


def run(
    scenario: Scenario, *, size: Size, seed: int, var: Path, minutes: float | None = None
) -> Outcome:
    """Do the scenario in the folder, which holds a fresh installation, and prove the result."""
    outcome = Outcome(scenario=scenario.id, seed=seed)
    started = time.monotonic()
    with opened(
        var=var, seed=f"{seed} {scenario.id}", minutes=minutes, cluster=scenario.cluster
    ) as world:
        try:
            scenario.run(world, outcome, scenario.count(size))
        except (Failure, DatabaseError, DriverError) as error:
            outcome.problems.append(f"{type(error).__name__}: {error}")
        for name, times in world.restarts.items():
            outcome.facts[f"{name}_ended_by_itself"] = times
        world.end_programs()
        prove(outcome, accepted=world.accepted)
    outcome.seconds = time.monotonic() - started
    return outcome
