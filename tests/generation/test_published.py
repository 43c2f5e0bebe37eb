"""The catalogue of published test cards."""

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
