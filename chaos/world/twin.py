"""A second database beside the scenario's: the same installation, as it was at first."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connections

from cardgen.embedded import paths, postgres
from chaos.world.world import World

_TWIN = "twin"


def make(world: World) -> None:
    """Copy the database as it is now; nobody may be connected to it."""
    connections.close_all()
    url = paths.database_url(world.var, "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TWIN} TEMPLATE {postgres.DATABASE}")


@contextmanager
def entered(world: World) -> Iterator[None]:
    """Have this process, and only this one, speak to the copy during a block.

    What is accepted there is not owed by the scenario's own database.
    """
    accepted = dict(world.accepted)
    _speak_to(_TWIN)
    try:
        yield
    finally:
        _speak_to(postgres.DATABASE)
        world.accepted = accepted


def _speak_to(name: str) -> None:
    connections.close_all()
    connections.databases["default"]["NAME"] = name
