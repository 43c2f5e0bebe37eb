"""The catalogue of published test cards."""

import re

import pytest

from generation import published
from generation.kernel.luhn import is_valid
from generation.published import Wanted


def test_the_whole_catalogue_is_there():
    assert len(published.meanings()) == 843
    assert len({meaning.number for meaning in published.meanings()}) == 695
    assert len(published.gateways()) == 58
    assert sum(gateway.cards for gateway in published.gateways().values()) == 843


def test_a_behaviour_belongs_to_one_number_at_one_provider():
    pairs = {(meaning.number, meaning.gateway) for meaning in published.meanings()}
    assert len(pairs) == 843


def test_nineteen_numbers_mean_different_things_at_different_providers():
    behaviours: dict[str, set[str]] = {}
    for meaning in published.meanings():
        behaviours.setdefault(meaning.number, set()).add(meaning.behaviour)
    assert sum(len(found) > 1 for found in behaviours.values()) == 19


def test_a_number_with_several_meanings_shows_all():
    first, *others = published.of_number("4000000000000002")
    assert published.elsewhere(first) == tuple(others)
    assert len({meaning.gateway for meaning in (first, *others)}) == len(others) + 1 > 1


def test_the_luhn_column_is_true():
    for meaning in published.meanings():
        assert meaning.luhn_valid == is_valid(meaning.number), meaning.id


def test_eighteen_published_numbers_fail_luhn():
    assert len({m.number for m in published.meanings() if not m.luhn_valid}) == 18


@pytest.mark.parametrize(
    "wanted",
    [Wanted(gateway="stripe"), Wanted(scheme="amex"), Wanted(behaviour="declined"),
     Wanted(gateway="stripe", behaviour="insufficient_funds"), Wanted(text="braintree jcb"),
     Wanted(text="insufficient funds"), Wanted(text="Diners Club"), Wanted(text="42424242")],
)  # fmt: skip
def test_a_search_finds_some_and_leaves_others_out(wanted):
    found = published.find(wanted)
    assert 0 < len(found) < 843
    assert all(wanted.fits(meaning) for meaning in found)
    assert not any(wanted.fits(m) for m in published.meanings() if m not in found)


def test_text_finds_numbers_by_their_first_digits_only():
    found = published.find(Wanted(text="400000"))
    assert {meaning.number[:6] for meaning in found} == {"400000"}
    assert not published.find(Wanted(text="4242424242424242"))


def test_pages_follow_each_other_without_gap_or_repeat():
    wanted = Wanted(scheme="visa")
    pages, after = [], 0
    while page := published.find(wanted, after=after, limit=50):
        pages += page
        after = page[-1].id
    assert pages == published.find(wanted)


def test_the_test_iin_and_the_ended_debit_schemes_have_codes_of_the_catalogue():
    assert {m.scheme for m in published.of_iin("000000")} == {"iso_test"}
    assert {m.scheme for m in published.of_number("6334900000000005")} == {"solo"}


def test_every_source_is_a_public_page_or_repository():
    of_a_tool = re.compile(r"find_string|stored|read from|\bids? [0-9]{6,}", re.IGNORECASE)
    public = re.compile(r"https://|github |gist |npm |qiita\.com", re.IGNORECASE)
    for meaning in published.meanings():
        assert public.search(meaning.source), meaning.source
        assert not of_a_tool.search(meaning.source), meaning.source


@pytest.mark.parametrize(
    ("number", "gateway", "use_with"),
    [
        ("4242424242424242", "stripe", "any CVC of 3 digits, any future expiry"),
        ("378282246310005", "stripe", "any CVC of 4 digits, any future expiry"),
        ("370000000000002", "adyen", "CVC 7373, expiry 03/30"),
        ("5366139833864633", "fincra", "CVV 123, expiry 06/26, PIN 1234"),
        ("4242424242424242", "omise", ""),
    ],
)
def test_what_a_provider_asks_for_stands_beside_the_number(number, gateway, use_with):
    found = [m.use_with for m in published.of_number(number) if m.gateway == gateway]
    assert found == [use_with]


def test_what_is_asked_for_is_known_of_every_second_number():
    told = [meaning for meaning in published.meanings() if meaning.use_with]
    assert len(told) == 441
    assert len({meaning.gateway for meaning in told}) == 31
    for meaning in told:
        assert meaning.number not in meaning.use_with
        assert len(meaning.use_with) <= 110
