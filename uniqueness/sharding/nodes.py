"""What the nodes of a distributed ledger must be set to, and what to do where one is not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

MOST_RECOVERY_SECONDS = 5
_QUIET = frozenset({"panic", "fatal"})
_SETTINGS = ("wal_level", "lc_messages", "log_statement", "log_min_duration_statement")
# What a role writes into the log. A statement that fails may quote a card number, and on a node it
# has the numbers in its text.
_ASKED = """
    SELECT json_build_object(
        'extension', EXISTS (SELECT FROM pg_extension WHERE extname = 'citus'),
        'settings', (SELECT json_object_agg(name, setting) FROM pg_settings
            WHERE name = ANY('{{{settings},citus.recover_2pc_interval}}')),
        'roles', (SELECT json_object_agg(r.rolname, (
            SELECT split_part(one, '=', 2) FROM pg_db_role_setting s, unnest(s.setconfig) one
            WHERE s.setrole = r.oid AND one LIKE 'log_min_messages=%%'
            ORDER BY s.setdatabase DESC LIMIT 1))
            FROM pg_roles r WHERE r.rolname = ANY('{{{roles}}}')))
"""
_EXTENSION = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
_NODES = "SELECT count(*) FROM pg_dist_node WHERE isactive AND shouldhaveshards"
_EACH = """
    SELECT nodename || ':' || nodeport, success, result
    FROM run_command_on_all_nodes(%s, give_warning_for_connection_errors := true)
    JOIN pg_dist_node USING (nodeid) ORDER BY 1
"""
_EACH_SHARD = """
    SELECT format('shard %%s on %%s:%%s', shardid, nodename, nodeport), success,
        coalesce(result, '')
    FROM run_command_on_shards('uniqueness_ledger', %s)
    JOIN pg_dist_shard_placement USING (shardid) ORDER BY shardid
"""
_HALF_COMMITTED = """
    SELECT coalesce(sum(result::int), 0) FROM run_command_on_all_nodes($$
        SELECT count(*) FROM pg_prepared_xacts
        WHERE starts_with(gid, 'citus_') AND database = current_database() $$)
    WHERE success
"""
_NO_EXTENSION = "this database has no extension citus"
_INSTALL = (
    "install Citus on every server by its own installation guide, then CREATE EXTENSION citus"
)
_EQUIP = (
    "CREATE EXTENSION citus there, then SELECT start_metadata_sync_to_all_nodes() on the"
    " coordinator"
)
_NO_NODE = "no server is there to keep shards"
_ADD = "SELECT citus_add_node('HOST', PORT) on the coordinator, for each server"


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something that must not be so, and the remedy."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; remedy: {self.remedy}"


@dataclass(frozen=True, slots=True)
class OfShard:
    """What a shard said, or why it did not answer; a name says where it lies."""

    name: str
    answered: bool
    told: str


def on_shards(statement: str) -> list[OfShard]:
    """Ask each shard of the ledger for one value.

    :param statement: `%s` stands for the shard's table
    """
    with connection.cursor() as cursor:
        cursor.execute(_EACH_SHARD, [statement])
        return [OfShard(*row) for row in cursor.fetchall()]


def half_committed() -> int:
    """Count the transactions that the coordinator may have committed, and a node not yet."""
    return int(_first(connection, _HALF_COMMITTED))


def unmet(asking: BaseDatabaseWrapper, *, roles: list[str]) -> list[Unmet]:
    """Look at every node.

    :param asking: the connection to the coordinator
    :param roles: those that cardgen connects as
    """
    if not _first(asking, _EXTENSION):
        return [Unmet(_NO_EXTENSION, _INSTALL)]
    if not _first(asking, _NODES):
        return [Unmet(_NO_NODE, _ADD)]
    question = _ASKED.format(settings=",".join(_SETTINGS), roles=",".join(roles))
    with asking.cursor() as cursor:
        cursor.execute(_EACH, [question.replace("%%", "%")])
        return [found for row in cursor.fetchall() for found in _of_node(*row)]


def _of_node(name: str, answers: bool, told: str) -> Iterator[Unmet]:  # noqa: FBT001 (a row)
    if not answers:
        yield Unmet(f"{name} does not answer", "start it, and let the coordinator reach it")
        return
    found = json.loads(told)
    if not found["extension"]:
        yield Unmet(f"{name} has no extension citus in this database", _EQUIP)
    yield from _of_settings(name, found["settings"])
    for role, level in (found["roles"] or {}).items():
        if level not in _QUIET:
            yield Unmet(
                f"{name} writes errors of role {role} into its log, which may quote card numbers",
                f"ALTER ROLE {role} SET log_min_messages = 'panic' on every server, as superuser",
            )


def _of_settings(name: str, settings: dict[str, str]) -> Iterator[Unmet]:
    wanted: dict[str, tuple[bool, str]] = {
        "wal_level": (settings["wal_level"] == "logical", "logical, and a restart"),
        "lc_messages": (settings["lc_messages"].startswith(("C", "en_", "POSIX")), "C"),
        "log_statement": (settings["log_statement"] == "none", "none"),
        "log_min_duration_statement": (settings["log_min_duration_statement"] == "-1", "-1"),
        "citus.recover_2pc_interval": (_recovers_soon(settings), f"{MOST_RECOVERY_SECONDS}s"),
    }
    for setting, (is_so, right) in wanted.items():
        if not is_so:
            yield Unmet(
                f"{name} has {setting} = {settings.get(setting)}",
                f"ALTER SYSTEM SET {setting} = {right}; SELECT pg_reload_conf()",
            )


def _recovers_soon(settings: dict[str, str]) -> bool:
    told = settings.get("citus.recover_2pc_interval", "0")
    return 0 < int(told) <= MOST_RECOVERY_SECONDS * 1_000


def _first(asking: BaseDatabaseWrapper, question: str) -> Any:
    with asking.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
