"""Failed log-ins: few from one client, and still nobody is locked out by a stranger."""

import pytest

from cardgen.access import attempts
from cardgen.access.attempts import Attempt, TooManyLogins
from toolkit.addresses import bounded_name


def attempt(number: int, username: str) -> Attempt:
    return Attempt(address=f"2001:db8:{number:x}::1", username=username)


def is_refused(one: Attempt) -> bool:
    try:
        one.check()
    except TooManyLogins as refusal:
        return 0 < int(str(refusal.facts["retry_after"])) <= 901
    return False


def test_a_client_has_ten_failures_with_a_name():
    stranger = attempt(1, "ten")
    for _ in range(10):
        stranger.check()
        stranger.failed()
    assert is_refused(stranger)
    assert is_refused(Attempt(address="2001:db8:1:0:1:2:3:4", username="ten")), "the same customer"
    assert not is_refused(attempt(2, "ten"))
    assert not is_refused(attempt(1, "another"))


def test_a_client_has_fifty_failures_in_all():
    for number in range(50):
        attempt(3, f"fifty-{number}").failed()
    assert is_refused(attempt(3, "one more"))
    assert not is_refused(attempt(4, "one more"))


def test_a_name_that_many_guess_leaves_two_attempts_to_each_client():
    attempts._of_name.add(bounded_name("guessed"), 101)
    owner = attempt(5, "guessed")
    for _ in range(2):
        assert not is_refused(owner)
        owner.failed()
    assert is_refused(owner)
    assert not is_refused(attempt(6, "guessed"))


@pytest.mark.parametrize("name", ["", "x" * 100_000, "\x00", "ü", "{x}"])
def test_any_name_can_be_counted(name):
    attempt(7, name).check()
    attempt(7, name).failed()
