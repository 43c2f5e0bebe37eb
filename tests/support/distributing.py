"""The whole suite on a distributed ledger: `make citus`, on a server that has the extension.

One server is coordinator and node: the same planner and the same statements as with many.
"""

import os

import pytest
from django.db import connection

from uniqueness import sharding

SHARDS = 4
_NODE = """
    SELECT citus_set_coordinator_host('127.0.0.1', inet_server_port());
    SELECT citus_set_node_property('127.0.0.1', inet_server_port(), 'shouldhaveshards', true);
"""


def is_wanted() -> bool:
    """Tell whether this run is one on a distributed ledger."""
    return "CARDGEN_TEST_DISTRIBUTED" in os.environ


only_distributed = pytest.mark.skipif(
    not is_wanted(), reason="needs a PostgreSQL with the extension citus: make citus"
)


def only_local(why: str) -> pytest.MarkDecorator:
    """Skip a test on a distributed ledger, which has not what the test is about."""
    return pytest.mark.skipif(is_wanted(), reason=f"the ledger is distributed: {why}")


COUNTED = only_local("it is asked by more statements")
NOT_CHANGED = only_local("no statement changes the number of a row")
TWO_INDEXES = only_local("one of its two unique indexes is given up")


def distribute() -> None:
    """Distribute the test database's ledger by the product's own steps."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION citus")
        cursor.execute(_NODE)
    for step in sharding.steps(connection, shards=SHARDS):
        sharding.carry_out(connection, step)
    connection.close()  # the settings are those of new connections
