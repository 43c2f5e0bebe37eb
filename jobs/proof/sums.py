"""What jobs count, and what exclusions promise: a query each."""

from collections.abc import Callable
from functools import partial

from uniqueness.proof.findings import Check, Offenders, ask
from uniqueness.proof.scope import Extent

# Cards of purged chunks count for good.
_WRONG_SUMS = """
    SELECT count(*) OVER (), j.id, j.produced, sums.cards, sums.others
    FROM jobs_job j CROSS JOIN LATERAL (
        SELECT coalesce(sum(produced) FILTER (WHERE state IN ('done', 'purged')), 0) AS cards,
            coalesce(sum(produced) FILTER (WHERE state NOT IN ('done', 'purged')), 0) AS others
        FROM jobs_chunk c WHERE c.job_id = j.id) sums
    WHERE (j.produced <> sums.cards OR sums.others <> 0)
        AND (%(owner)s::uuid IS NULL OR j.id = %(owner)s::uuid)
        AND EXISTS (SELECT FROM jobs_chunk c WHERE c.job_id = j.id
            AND c.first_slot >= %(first)s AND c.first_slot < %(end)s)
    ORDER BY j.created_at LIMIT %(shown)s
"""
_UNPROTECTED = """
    SELECT count(*) OVER (), c.id, c.job_id
    FROM jobs_chunk c JOIN jobs_job j ON j.id = c.job_id
    WHERE c.state IN ('waiting', 'running') AND j.status IN ('queued', 'running', 'paused')
        AND NOT EXISTS (
            SELECT FROM uniqueness_reservation r WHERE r.owner = c.job_id AND r.state = 'held'
                AND r.span @> int8range(c.first_slot, c.end_slot))
        AND c.first_slot >= %(first)s AND c.first_slot < %(end)s
        AND (%(owner)s::uuid IS NULL OR c.job_id = %(owner)s::uuid)
    ORDER BY c.id LIMIT %(shown)s
"""
# What an unended job has not made is planned in chunks, or promised for later ones.
_WRONG_PROMISES = """
    SELECT count(*) OVER (), j.id, j.requested - j.produced - planned.cards, promised.cards
    FROM jobs_job j CROSS JOIN LATERAL (
        SELECT coalesce(sum(wanted), 0) AS cards FROM jobs_chunk c
        WHERE c.job_id = j.id AND c.state IN ('waiting', 'running', 'failed')) planned
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(count), 0) AS cards FROM uniqueness_promise p
        WHERE p.owner = j.id) promised
    WHERE j.status IN ('queued', 'running', 'paused')
        AND j.requested - j.produced - planned.cards <> promised.cards
        AND (%(owner)s::uuid IS NULL OR j.id = %(owner)s::uuid)
        AND EXISTS (SELECT FROM jobs_chunk c WHERE c.job_id = j.id
            AND c.first_slot >= %(first)s AND c.first_slot < %(end)s)
    ORDER BY j.created_at LIMIT %(shown)s
"""
_EXCLUDED = """
    WITH cards AS MATERIALIZED (
        SELECT slot FROM uniqueness_ledger WHERE slot >= %(first)s AND slot < %(end)s
            AND pan IN (SELECT pan FROM uniqueness_exclusion WHERE owner IS NULL))
    SELECT count(*) OVER (), slot FROM cards
    WHERE %(owner)s::uuid IS NULL OR EXISTS (
        SELECT FROM jobs_chunk c WHERE c.job_id = %(owner)s::uuid
            AND c.first_slot <= cards.slot AND c.end_slot > cards.slot)
    ORDER BY slot LIMIT %(shown)s
"""
# The number of an exclusion is in the window of its slot, though not always in that very slot. Only
# jobs without cards are forgotten.
_UNCLAIMED = """
    WITH cards AS MATERIALIZED (
        SELECT pan, slot FROM uniqueness_ledger
        WHERE pan IN (SELECT pan FROM uniqueness_exclusion WHERE owner IS NOT NULL))
    SELECT count(*) OVER (), e.owner, e.slot
    FROM uniqueness_exclusion e LEFT JOIN jobs_job j ON j.id = e.owner
    LEFT JOIN cards l ON l.pan = e.pan
    WHERE e.owner IS NOT NULL
        AND NOT (l.slot IS NULL AND (j.id IS NULL OR j.purged_at IS NOT NULL))
        AND NOT EXISTS (
            SELECT FROM jobs_chunk c WHERE c.job_id = e.owner AND c.first_slot = l.slot
                AND c.state = 'done')
        AND (e.slot IS NULL OR (e.slot >= %(first)s AND e.slot < %(end)s))
        AND (%(owner)s::uuid IS NULL OR e.owner = %(owner)s::uuid)
    ORDER BY e.slot LIMIT %(shown)s
"""
_QUERIES = (
    (
        Check.JOBS,
        _WRONG_SUMS,
        "job {}: cards counted {}, in finished chunks {}, in others {}",
    ),
    (Check.JOBS, _WRONG_PROMISES, "job {}: {} cards are not planned, {} numbers promised"),
    (Check.OWNERS, _UNPROTECTED, "chunk {} of job {}, not minted yet"),
    (Check.EXCLUDED, _EXCLUDED, "slot {}"),
    (Check.CLAIMED, _UNCLAIMED, "job {} claimed the number of slot {}"),
)


def checks(scope: Extent) -> list[Callable[[], Offenders]]:
    """The checks of jobs and exclusions, to be called in any order."""
    return [
        partial(ask, check, sql, scope.parameters, words=words) for check, sql, words in _QUERIES
    ]
