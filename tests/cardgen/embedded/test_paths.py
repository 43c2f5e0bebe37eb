"""Addresses that Django, Celery, redis-py and libpq read alike."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import environ
import redis
from psycopg.conninfo import conninfo_to_dict

from cardgen.embedded import paths

LONG = Path("/srv") / ("deep" * 10) / ("deeper" * 10) / "var"


def test_sockets_live_under_var() -> None:
    assert paths.socket_dir(Path("/srv/cardgen/var")) == Path("/srv/cardgen/var/run")


def test_a_long_path_moves_the_sockets_to_the_temporary_folder() -> None:
    folder = paths.socket_dir(LONG)
    assert folder.parent == Path(tempfile.gettempdir())
    assert folder != paths.socket_dir(LONG.parent)
    assert len(str(paths.valkey_socket(LONG))) < 100


def test_a_path_is_measured_in_bytes() -> None:
    assert paths.socket_dir(Path("/srv") / ("é" * 45)).parent == Path(tempfile.gettempdir())


def test_django_environ_reads_the_database_url() -> None:
    read: Callable[[str], dict[str, object]] = environ.Env.db_url_config
    config = read(paths.database_url(Path("/srv/a b%20c/var")))
    assert config["NAME"] == "cardgen"
    assert config["USER"] == "postgres"
    assert config["OPTIONS"] == {"host": "/srv/a b%20c/var/run"}


def test_libpq_reads_the_database_url() -> None:
    found = conninfo_to_dict(paths.database_url(Path("/srv/a b%20c/var")))
    assert found["host"] == "/srv/a b%20c/var/run"
    assert found["dbname"] == "cardgen"


def test_redis_py_reads_cache_and_channel_url() -> None:
    var = Path("/srv/a b")
    for url, number in ((paths.cache_url(var), 1), (paths.channel_url(var), 2)):
        found = redis.Redis.from_url(url).connection_pool.connection_kwargs
        assert (found["path"], found["db"]) == ("/srv/a b/run/valkey.sock", number)
