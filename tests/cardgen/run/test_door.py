"""Where `make run` listens, and what it says if it cannot."""

import socket
from contextlib import closing

import pytest
from django.core.management.base import CommandError

from cardgen.run import door


class Heard(list[str]):
    """A console that keeps what is said."""

    say = list.append


def refused(wished: int) -> tuple[str, int]:
    with pytest.raises(CommandError) as error:
        door.listen(wished, Heard())
    return str(error.value), error.value.returncode


def test_the_next_free_port_is_taken_and_told():
    heard = Heard()
    with closing(door.listen(0, heard)) as first:
        port = first.getsockname()[1]
        with closing(door.listen(port, heard)) as second:
            taken = second.getsockname()[1]
    assert taken > port
    assert heard == [f"Port {port} is taken by another program: using {taken}."]


@pytest.mark.parametrize("wished", [-1, 65_536, 80_000])
def test_what_is_no_port_is_a_bad_request(wished):
    assert refused(wished) == (
        f"{wished} is no port: write one from 1 to 65535, 0 for any that is free", 2,
    )  # fmt: skip


def test_no_free_port_is_refused(monkeypatch):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        monkeypatch.setattr(door, "_PORTS_TRIED", 1)
        text, code = refused(other.getsockname()[1])
    assert ("choose another with PORT" in text, code) == (True, 3)


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_an_address_of_another_machine_is_a_bad_request(settings, address):
    settings.CARDGEN_BIND = address
    assert refused(0) == (f"CARDGEN_BIND: {address} is no address of this machine", 2)
