"""Places: never more than promised, whoever asks at the same moment, in whichever process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
import pytest_django

from tests.support.processes import ROOT, environment
from tests.support.threads import at_once
from toolkit.seats import Seat, Seats

ANOTHER = """
import sys
from toolkit.seats import Seats
places = Seats("test", int(sys.argv[1]), of_one=int(sys.argv[2]))
held = [places.take(int(sys.argv[3])) for _ in range(20)]
print(20 - held.count(None), flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def folder(settings: pytest_django.Settings, tmp_path: Path) -> Path:
    """Have places of our own."""
    settings.CARDGEN_PLACES = tmp_path / "places"
    return tmp_path


@contextmanager
def another_process(var: Path, most: int, of_one: int, *, user: int) -> Iterator[tuple[int, int]]:
    """Have another process take all the places it can get; gives its pid and how many it got."""
    words = [sys.executable, "-c", ANOTHER, str(most), str(of_one), str(user)]
    pipe = subprocess.PIPE
    env = environment(CARDGEN_VAR=str(var))
    with subprocess.Popen(words, cwd=ROOT, env=env, stdin=pipe, stdout=pipe) as child:
        assert child.stdout
        try:
            yield child.pid, int(child.stdout.readline())
        finally:
            child.kill()


def test_places_are_never_taken_by_more_than_there_are():
    places = Seats("test", 5)
    taken = at_once(20, lambda _: places.take())
    assert sum(isinstance(one, Seat) for one in taken) == 5
    assert taken.count(None) == 15


def test_one_user_cannot_take_the_places_of_all():
    places = Seats("test", 3, of_one=2)
    mine = [places.take(1) for _ in range(3)]
    assert mine[2] is None
    assert places.take(2)
    with mine[0]:
        assert places.take(1) is None
    assert places.take(1)


def test_two_who_take_all_they_can_leave_one_to_each_of_others():
    places = Seats("test", 8, of_one=4)
    hoarded = [places.take(user) for user in (1, 2) for _ in range(5)]
    assert 10 - hoarded.count(None) == 6
    third, fourth = places.take(3), places.take(4)
    assert third
    assert fourth
    assert places.take(3) is None
    assert places.take(5) is None


def test_the_last_place_is_not_taken_by_who_comes_first():
    places = Seats("test", 4, of_one=2)
    held = [places.take(user) for user in (1, 2, 1, 2, 3)]
    assert [bool(one) for one in held] == [True, True, True, False, True]


def test_who_is_refused_takes_no_place_of_others():
    places = Seats("test", 2, of_one=1)
    mine = places.take(1)
    assert mine
    assert places.take(1) is None
    assert places.take(2)


def test_a_place_that_nobody_holds_any_more_is_free():
    places = Seats("test", 1)
    assert places.take()
    held = places.take()
    assert held
    assert places.take() is None


def test_processes_share_the_places_and_those_of_a_dead_one_are_free(folder):
    places = Seats("test", 10, of_one=6)
    with another_process(folder, 10, 6, user=1) as (_, taken):
        assert taken == 6
        assert places.take(1) is None
        mine = [places.take(2) for _ in range(5)]
        assert mine.count(None) == 3
    assert [bool(places.take(user)) for user in (1, 2)] == [True, True]


def test_many_processes_together_take_no_more_than_there_are(folder):
    with ExitStack() as stack:
        processes = [
            stack.enter_context(another_process(folder, 8, 3, user=user)) for user in range(4)
        ]
        assert [taken for _, taken in processes] == [3, 3, 1, 1]


def test_a_process_that_stands_still_keeps_its_places(folder):
    places = Seats("test", 4, of_one=4)
    with another_process(folder, 4, 4, user=1) as (pid, taken):
        psutil.Process(pid).send_signal(signal.SIGSTOP)
        mine = places.take(2)
        assert (taken, bool(mine), places.take(3)) == (3, True, None)


def test_without_a_folder_for_it_a_process_counts_for_itself_and_says_so_once(folder, caplog):
    (folder / "places").write_text("a file where the folder should be")
    places = Seats("test", 3, of_one=2)
    mine = [places.take(1) for _ in range(3)]
    assert mine.count(None) == 1
    assert places.take(2)
    mine.clear()
    assert places.take(1)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_file_of_another_account_is_no_reason_to_refuse(folder):
    (folder / "places").mkdir()
    (folder / "places" / "test").mkdir()  # root may open any file, but no folder for writing
    assert Seats("test", 1).take()


def test_a_lock_that_fails_is_no_reason_to_refuse(folder, caplog):
    places = Seats("test", 2)
    held = [places.take()]
    os.close(places._file)
    held += [places.take() for _ in range(2)]
    assert held.count(None) == 1
    held.clear()
    assert places.take()
    assert len(caplog.records) == 1
