"""Wrong values stop the start with what is allowed."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cardgen.configuration.environment import Environment


@pytest.mark.parametrize("given", ["-1", "11", "x", "", "1.5", "1e3"])
def test_a_wrong_number_is_refused_with_the_bounds(monkeypatch, given):
    monkeypatch.setenv("N", given)
    with pytest.raises(ImproperlyConfigured, match="N must be a whole number from 0 to 10, not '"):
        Environment().whole("N", 5, least=0, most=10)


@pytest.mark.parametrize(("given", "number"), [("0", 0), ("10", 10), (None, 5)])
def test_both_bounds_are_allowed_and_nothing_is_the_default(monkeypatch, given, number):
    if given is not None:
        monkeypatch.setenv("N", given)
    assert Environment().whole("N", 5, least=0, most=10) == number


@pytest.mark.parametrize(
    ("given", "on"), [("0", False), ("1", True), ("TRUE", True), ("no", False)]
)
def test_a_switch_is_on_or_off(monkeypatch, given, on):
    monkeypatch.setenv("S", given)
    assert Environment().switch("S") is on


def test_a_switch_that_is_neither_is_refused(monkeypatch):
    monkeypatch.setenv("S", "maybe")
    with pytest.raises(ImproperlyConfigured, match="S must be 0 or 1, not 'maybe'"):
        Environment().switch("S")


def test_a_word_is_one_of_those_allowed(monkeypatch):
    monkeypatch.setenv("W", "b")
    assert Environment().choice("W", "A", among=("A", "B")) == "B"
    monkeypatch.setenv("W", "c")
    with pytest.raises(ImproperlyConfigured, match="W must be one of A, B, not 'C'"):
        Environment().choice("W", "A", among=("A", "B"))


def test_an_address_is_no_name(monkeypatch):
    monkeypatch.setenv("A", "::1")
    assert Environment().address("A", "127.0.0.1") == "::1"
    monkeypatch.setenv("A", "localhost")
    with pytest.raises(ImproperlyConfigured, match=r"A must be an address such as .* 'localhost'"):
        Environment().address("A", "127.0.0.1")


@pytest.mark.parametrize(
    ("given", "words"), [("a", ["a"]), ("b, a", ["b", "a"]), ("", []), (None, [])]
)
def test_words_are_some_of_those_allowed(monkeypatch, given, words):
    if given is not None:
        monkeypatch.setenv("W", given)
    assert Environment().words("W", among=("a", "b")) == words


@pytest.mark.parametrize("given", ["c", "a,c", "A", "a b"])
def test_words_that_are_none_of_them_are_refused(monkeypatch, given):
    monkeypatch.setenv("W", given)
    with pytest.raises(ImproperlyConfigured, match="W must list some of a, b, not '"):
        Environment().words("W", among=("a", "b"))


RULES = "must list some of key_rate, enumeration, filter_harvest, refused_ranges, new_network, not"


@pytest.mark.parametrize(
    ("name", "given", "wrong"),
    [
        ("CARDGEN_WORKERS", "many", "must be a whole number from 1 to 10,000, not 'many'"),
        ("CARDGEN_ANOMALY_SUSPEND", "key_rate,enumerate", f"{RULES} 'enumerate'"),
        ("CARDGEN_ANOMALY_THROTTLE", "failed_logins", f"{RULES} 'failed_logins'"),
    ],
)
def test_the_command_line_says_what_is_wrong_in_one_line(name, given, wrong):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=os.environ | {name: given},
        capture_output=True,
        text=True,
    )
    told = f"The configuration is wrong: {name} {wrong}. See docs/configuration.md.\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.parametrize("given", ["10.0.0.0/8", "10.0.0.2, fd00::/8", ""])
def test_networks_are_addresses_and_networks(monkeypatch, given):
    monkeypatch.setenv("CARDGEN_X", given)
    assert len(Environment().networks("CARDGEN_X")) == len(given.split(",") if given else [])


@pytest.mark.parametrize("given", ["proxy", "10.0.0.1/8", "10.0.0.0/8 10.1.0.1", "300.1.1.1"])
def test_what_is_no_network_stops_the_start_and_is_named(monkeypatch, given):
    monkeypatch.setenv("CARDGEN_X", given)
    with pytest.raises(ImproperlyConfigured, match=r"CARDGEN_X must list addresses or networks"):
        Environment().networks("CARDGEN_X")
