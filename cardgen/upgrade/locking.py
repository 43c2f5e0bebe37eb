"""Which statements of a migration hold up readers or writers of a large table.

What each takes: PostgreSQL's documentation of ALTER TABLE (notes) and of explicit locking.
"""

import re
from collections.abc import Iterator

LARGE = frozenset({
    *("uniqueness_ledger", "uniqueness_exclusion", "uniqueness_importedtoken"),
    *("uniqueness_reservation", "uniqueness_renewal", "uniqueness_auditentry"),
    *("jobs_job", "jobs_item", "jobs_chunk", "jobs_delivery"),
})  # fmt: skip
"""Tables that grow with what is issued and ordered."""

_TABLE = r'(?:ONLY )?"?(?P<table>\w+)"?'
_ALTERS = rf"^ALTER TABLE {_TABLE} .*?"
_RULES = {
    rf"^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON {_TABLE}": (
        "builds an index while nobody can write: use AddIndexConcurrently"
    ),
    rf"^DROP INDEX (?!CONCURRENTLY).*? ON {_TABLE}": "use RemoveIndexConcurrently",
    _ALTERS + r"ADD CONSTRAINT .*?(?:UNIQUE|EXCLUDE|PRIMARY KEY)": (
        "builds an index while nobody can read or write: build it concurrently before"
    ),
    _ALTERS + r"ADD CONSTRAINT (?!.*(?:NOT VALID|UNIQUE|EXCLUDE|PRIMARY KEY))": (
        "looks at every row while nobody can write: add it NOT VALID, validate it afterwards"
    ),
    _ALTERS + r"ALTER COLUMN \S+ (?:SET DATA )?TYPE": "may write every row anew",
    _ALTERS + r"ALTER COLUMN \S+ SET NOT NULL": "looks at every row while nobody can read or write",
    _ALTERS + r"ADD COLUMN (?:.*)DEFAULT \w*(?:random|gen_random_uuid|clock_timestamp|nextval)\b": (
        "writes every row anew: a default that differs by row"
    ),
    rf"^(?:UPDATE|DELETE FROM) {_TABLE}": "changes rows in the migration's transaction",
    rf"^(?:REINDEX TABLE|CLUSTER|VACUUM FULL|TRUNCATE(?: TABLE)?) {_TABLE}": (
        "locks the whole table"
    ),
}
_COMPILED = {re.compile(rule, re.IGNORECASE | re.DOTALL): why for rule, why in _RULES.items()}
_CREATED = re.compile(rf"^CREATE TABLE {_TABLE}", re.IGNORECASE)
_STRINGS = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)


def held_up(sql: str) -> Iterator[tuple[str, str]]:
    """Yield table and reason for each statement that takes longer the larger its table is.

    A table that the same SQL makes is empty. What stands in functions and texts does not run now.
    """
    statements = [" ".join(one.split()) for one in _STRINGS.sub("''", _bare(sql)).split(";")]
    new = {found["table"] for one in statements if (found := _CREATED.match(one))}
    for statement in statements:
        for rule, why in _COMPILED.items():
            found = rule.match(statement)
            if found and found["table"] in LARGE - new:
                yield found["table"], why


def _bare(sql: str) -> str:
    return re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)
