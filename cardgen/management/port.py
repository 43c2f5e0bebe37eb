"""The port that `make run` asks for first, and who has it."""

import psutil

WISHED = 8000


def holder() -> str | None:
    """Say who listens on the port; None if nobody does.

    Who belongs to another user is not always known: then it is told as "another program".
    """
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.laddr[1:] == (WISHED,):
            return _named(one.pid)
    return None


def _named(pid: int | None) -> str:
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})" if pid else "another program"
    except psutil.Error:
        return "another program"
