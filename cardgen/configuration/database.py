"""From DATABASE_URL to Django's DATABASES: two roles of one database.

The application may not change tables, nor what stands in the audit trail; migrations come as the
owner.
"""

from typing import Any

from cardgen.configuration.environment import Environment

# A server that is gone without a word is noticed after a minute; without these, after two hours, or
# never. Unix sockets need none. A COPY that gets nowhere for so long has lost its chunk anyway.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def databases(
    env: Environment, *, application: str, owner: str, pool: int, pooled: bool
) -> dict[str, Any]:
    """Return DATABASES: `default` is the application's role, `owner` the other.

    :param application: the URL of the embedded server for the application's role
    :param owner: the same for the owner's role
    :param pool: connections that a web process keeps; 0: each thread has its own
    :param pooled: PgBouncer stands before the server
    :raises ImproperlyConfigured: if a URL is none
    """
    owner = env.given("DATABASE_URL") or owner
    default = env.database("DATABASE_URL", application)
    default |= {
        "CONN_MAX_AGE": 0 if pool else 600,
        # The backend looks at pooled connections itself: between dead ones the pool would pause.
        "CONN_HEALTH_CHECKS": not pool,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "OPTIONS": _PATIENCE | default.get("OPTIONS", {}),
    }
    if pool:
        default["ENGINE"] = "cardgen.backend"
        default["OPTIONS"]["pool"] = _pool(pool)
    return {
        "default": default,
        "owner": env.database("CARDGEN_OWNER_DATABASE_URL", owner)
        | {"TEST": {"MIRROR": "default"}},
    }


def _pool(size: int) -> dict[str, int]:
    return {
        "min_size": 2,
        "max_size": size,
        "timeout": 10,
        # Pauses between attempts double. One that gives up makes room for another as soon as
        # somebody asks: measured, 2 s after an outage of 80 s, where five minutes took 32 s.
        "reconnect_timeout": 10,
    }
