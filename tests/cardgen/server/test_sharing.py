"""A web process says when it takes connections: on its output, and to systemd."""

import socket
from types import SimpleNamespace

import pytest

from cardgen.logs import LISTENS
from cardgen.server.sharing import announced


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_is_told_when_connections_are_taken(
    settings, tmp_path, capsys, abstract
):
    place = f"@{tmp_path}" if abstract else f"{tmp_path}/notify@1"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(5)
        manager.bind(f"\0{place[1:]}" if abstract else place)
        settings.NOTIFY_SOCKET = place
        announced(SimpleNamespace(), None)
        assert manager.recv(64) == b"READY=1"
    assert capsys.readouterr().out == f"{LISTENS}\n"


def test_without_one_nobody_is_told(settings, capsys):
    settings.NOTIFY_SOCKET = ""
    announced(SimpleNamespace(), None)
    assert capsys.readouterr().out == f"{LISTENS}\n"
