"""Web processes are replaced one after another, real ones, while clients ask without pause."""

from pathlib import Path

import pytest

from tests.support.asking import Client, asking
from tests.support.keys import create_key
from tests.support.processes import PATIENCE, end, webs

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 4


def test_no_request_is_dropped_while_each_process_is_replaced(catalogue, user, tmp_path: Path):
    key = create_key(user=user, name="restarts")
    with webs(tmp_path / "web.log", 2) as web:
        clients = [Client(web.port, key=key, orders=number < 2) for number in range(CLIENTS)]
        with asking(clients):
            for old in web.children:
                web.start()
                end(old)
                assert old.wait(PATIENCE) == 0
    assert [client.error for client in clients] == [None] * CLIENTS
    assert [set(client.answers) for client in clients] == [{201}] * 2 + [{200}] * (CLIENTS - 2)
