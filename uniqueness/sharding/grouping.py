"""Many numbers by the shard that each lies in: asked at once, each shard would look for all."""

from collections.abc import Iterator, Sequence

from toolkit.database import read_binary

_FROM = 1_000
"""Fewer are asked for at once: a statement for each shard would cost more than it saves."""
_GROUPED = """
    SELECT string_agg(pan, ',') FROM unnest(string_to_array(%s, ',')) pan
    GROUP BY width_bucket(worker_hash(pan), (
        SELECT array_agg(shardminvalue::int ORDER BY shardminvalue::int) FROM pg_dist_shard
        WHERE logicalrelid = 'uniqueness_ledger'::regclass))
"""


def by_shard(numbers: Sequence[str]) -> Iterator[str]:
    """Yield the numbers in groups, joined by commas: one group for each shard, or all in one."""
    text = ",".join(numbers)
    if len(numbers) < _FROM:
        yield text
    else:
        yield from (group for (group,) in read_binary(_GROUPED, [text]))
