"""Layer 3: are the spans set aside disjoint, in their place, and do they count right?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE
from toolkit.database import read_binary
from uniqueness.proof.claimed import Claims, Owners, owner_columns
from uniqueness.proof.findings import Check, Offenders, ask
from uniqueness.proof.scope import Extent
from uniqueness.sharding import is_distributed
from uniqueness.slots import WINDOW, Span

_RESERVATION = "reservation {} (slots {} to {})"
_IN_SCOPE = """lower(r.span) < %(end)s AND upper(r.span) > %(first)s
    AND (%(owner)s::uuid IS NULL OR r.owner = %(owner)s::uuid)"""
# Not by the operator of the constraint, but by sorting: a span must not begin before all that
# come before it have ended.
_OVERLAPPING = """
    WITH sorted AS (
        SELECT id, owner, span, max(upper(span)) OVER (
            ORDER BY lower(span), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM uniqueness_reservation WHERE NOT isempty(span))
    SELECT count(*) OVER (), r.id, lower(r.span), upper(r.span) - 1 FROM sorted r
    WHERE lower(r.span) < r.reached AND {scope} ORDER BY lower(r.span), r.id LIMIT %(shown)s
"""
_PAST_CURSOR = """
    SELECT count(*) OVER (), r.id, lower(r.span), upper(r.span) - 1
    FROM uniqueness_reservation r LEFT JOIN uniqueness_pool p USING (issuer_range_id)
    WHERE (lower(r.span) < r.issuer_range_id * %(slots)s
           OR upper(r.span) > r.issuer_range_id * %(slots)s + coalesce(p.next_slot, 0))
        AND {scope} ORDER BY lower(r.span) LIMIT %(shown)s
"""
_WRONG_ORDER = """
    SELECT count(*) OVER (), r.id, lower(r.span), upper(r.span) - 1
    FROM uniqueness_reservation r CROSS JOIN LATERAL (
        SELECT count(*) AS windows FROM generation_sequentialwindow w
        WHERE w.issuer_range_id = r.issuer_range_id
            AND w."window" >= lower(r.span) %% %(slots)s / %(window)s
            AND w."window" <= (upper(r.span) - 1) %% %(slots)s / %(window)s) kept
    WHERE kept.windows <> CASE WHEN r.sequential
        THEN (upper(r.span) - 1) / %(window)s - lower(r.span) / %(window)s + 1 ELSE 0 END
        AND {scope} ORDER BY lower(r.span) LIMIT %(shown)s
"""
# Claimed cards lie in spans that others set aside, and are not counted there. Those of purged
# spans may be gone.
_WRONG_COUNT = """
    WITH there AS MATERIALIZED (
        SELECT slot FROM uniqueness_ledger WHERE slot = ANY(%(claimed)s::bigint[])),
    claimed AS MATERIALIZED (
        SELECT r.id, count(*) AS cards FROM there
        JOIN uniqueness_reservation r ON r.span @> there.slot GROUP BY r.id),
    {walked}
    counted AS (
        SELECT r.id, r.span, r.issued, r.purged,
            inside.cards - coalesce(c.cards, 0) AS cards
        FROM uniqueness_reservation r LEFT JOIN claimed c ON c.id = r.id {joined}
        WHERE {scope})
    SELECT count(*) OVER (), id, lower(span), upper(span) - 1, issued, cards FROM counted
    WHERE cards > issued OR (cards < issued AND NOT purged)
    ORDER BY lower(span) LIMIT %(shown)s
"""
# One look into the index for each span, fastest in one table.
_LOOKED_UP = """CROSS JOIN LATERAL (
    SELECT count(*) AS cards FROM uniqueness_ledger l
    WHERE l.slot >= lower(r.span) AND l.slot < upper(r.span)) inside
"""
# One walk through each shard of a distributed ledger: rows are counted from edge to edge of spans,
# and the cards of a span are those below its end less those below its beginning.
_WALKED = """
    edges AS MATERIALIZED (
        SELECT edge, row_number() OVER (ORDER BY edge) AS place FROM (
            SELECT lower(r.span) AS edge FROM uniqueness_reservation r WHERE {scope}
            UNION SELECT upper(r.span) FROM uniqueness_reservation r WHERE {scope}) found),
    counts AS MATERIALIZED (
        SELECT width_bucket(slot, (SELECT array_agg(edge ORDER BY edge) FROM edges)) AS place,
            count(*) AS cards
        FROM uniqueness_ledger WHERE slot >= %(first)s AND slot < %(end)s GROUP BY 1),
    below AS MATERIALIZED (
        SELECT edge, coalesce(sum(counts.cards) OVER (
            ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS cards
        FROM edges LEFT JOIN counts USING (place)),
"""
_BETWEEN_EDGES = """
    JOIN below AS first ON first.edge = lower(r.span)
    JOIN below AS last ON last.edge = upper(r.span)
    CROSS JOIN LATERAL (SELECT last.cards - first.cards AS cards) inside
"""
# `check` takes every slot of a full span for issued, but for its holes.
_WRONG_HOLES = """
    WITH filled AS MATERIALIZED (
        SELECT slot FROM uniqueness_ledger WHERE slot IN (
            SELECT unnest(r.holes) FROM uniqueness_reservation r WHERE {scope}))
    SELECT count(*) OVER (), r.id, lower(r.span), upper(r.span) - 1 FROM uniqueness_reservation r
    WHERE cardinality(r.holes) > 0 AND cardinality(r.holes) <> (
        SELECT count(DISTINCT slot) FROM unnest(r.holes) AS hole (slot)
        WHERE r.span @> slot AND (slot = ANY(%(claimed)s) OR NOT EXISTS (
            SELECT FROM filled WHERE filled.slot = hole.slot)))
        AND {scope} ORDER BY lower(r.span) LIMIT %(shown)s
"""
_OVER = """
    SELECT string_agg(int8send(lower(span)) || int8send(upper(span)) || uuid_send(owner), ''
        ORDER BY lower(span))
    FROM uniqueness_reservation WHERE span && int8range(%s, %s) AND owner IS NOT NULL
"""
_SPAN = np.dtype([("first", ">i8"), ("end", ">i8"), ("owner", "V16")])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holders:
    """N spans of packed slots, in their order, and who set them aside."""

    firsts: NDArray[np.int64]
    ends: NDArray[np.int64]
    owners: Owners

    def hold(self, slots: NDArray[np.int64], *, owners: Owners) -> NDArray[np.bool_]:
        """Tell which of the slots lie in a span of these owners (one each)."""
        if not self.firsts.size:
            return np.zeros(slots.size, dtype=np.bool_)
        places = np.searchsorted(self.firsts, slots, side="right") - 1
        inside = (places >= 0) & (slots < self.ends[places])
        held: NDArray[np.bool_] = inside & (self.owners[places] == owners).all(axis=1)
        return held


def check_spans(scope: Extent) -> Offenders:
    """Look for spans that overlap, lie past a cursor, or in windows of the other order."""
    found = Offenders()
    parameters = scope.parameters | {"slots": SLOTS_PER_RANGE, "window": WINDOW}
    for check, sql in (
        (Check.SPANS, _OVERLAPPING),
        (Check.CURSORS, _PAST_CURSOR),
        (Check.ORDER, _WRONG_ORDER),
    ):
        found.merge(ask(check, sql.format(scope=_IN_SCOPE), parameters, words=_RESERVATION))
    return found


def check_counters(scope: Extent, *, claims: Claims) -> Offenders:
    """Count the cards in every span and compare; look into the slots it stepped over."""
    found = Offenders()
    parameters = scope.parameters | {"claimed": claims.slots.tolist()}
    for sql, words in (
        (_wrong_count(), _RESERVATION + ": cards counted {}, held {}"),
        (_WRONG_HOLES, _RESERVATION + " does not say rightly which slots it stepped over"),
    ):
        found.merge(ask(Check.COUNTERS, sql.format(scope=_IN_SCOPE), parameters, words=words))
    return found


def _wrong_count() -> str:
    walked, joined = (_WALKED, _BETWEEN_EDGES) if is_distributed() else ("", _LOOKED_UP)
    return _WRONG_COUNT.replace("{walked}", walked).replace("{joined}", joined)


def holders(span: Span) -> Holders:
    """Read who set aside what of a span."""
    ((found,),) = read_binary(_OVER, [span.first, span.end])
    rows = np.frombuffer(found or b"", dtype=_SPAN)
    return Holders(
        firsts=rows["first"].astype(np.int64),
        ends=rows["end"].astype(np.int64),
        owners=owner_columns(rows["owner"].tobytes()),
    )
