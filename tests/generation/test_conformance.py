"""All 695 published numbers: what we say of them is what their providers say, or we say why not."""

import pytest

from generation import published
from generation.schemes import detection, text

CO_BADGE = "two brands on one card: the prefix names the international one"
BANCONTACT = "Bancontact's own prefix 6703, which the provider files under Maestro"
LABEL = "the provider's page gives a brand that this prefix does not have"
SAME_PRODUCT = "Visa's own debit product: sources disagree on which prefixes are Electron"
ENDED = "an ended scheme whose numbers a living one took over"
OUTSIDE = "a network that the scheme catalogue does not have"
UNLISTED = "no source lists the prefix for that scheme"
MAESTRO_AS_MASTERCARD = "Maestro is Mastercard's debit product, the provider names the owner"

# number -> (what we say, why it differs from the provider)
EXCEPTIONS = {
    "4013250000000000006": ("visa", CO_BADGE),
    "4201320111111010": ("visa", CO_BADGE),
    "4201320000013020": ("visa", CO_BADGE),
    "4201320000311101": ("visa", CO_BADGE),
    "4201320131000508": ("visa", CO_BADGE),
    "4201321234411220": ("visa", CO_BADGE),
    "4201322267774310": ("visa", CO_BADGE),
    "4201326324640570": ("visa", CO_BADGE),
    "4201321144311528": ("visa", CO_BADGE),
    "4464040000000007": ("visa", CO_BADGE),
    "5297412542005689": ("mastercard", CO_BADGE),
    "4360000001000005": ("visa", CO_BADGE),
    "4035501428146300": ("visa", CO_BADGE),
    "4035501000000008": ("visa", CO_BADGE),
    "4150580996517927": ("visa", CO_BADGE),
    "5131072454408923": ("mastercard", CO_BADGE),
    "5817020000000000": ("maestro", CO_BADGE),
    "4434020000000006": ("visa", CO_BADGE),
    "5163150000000005": ("mastercard", CO_BADGE),
    "6703444444444449": ("bancontact", BANCONTACT),
    "6703000000000000003": ("bancontact", BANCONTACT),
    "67030010054610102": ("bancontact", BANCONTACT),
    "4917610000000000": ("visa_electron", SAME_PRODUCT),
    "4508750015741019": ("visa_electron", SAME_PRODUCT),
    "4001020000000009": ("visa", SAME_PRODUCT),
    "4245190000000212": ("visa", SAME_PRODUCT),
    "3636500000000260": ("diners", LABEL),
    "3636500000000989": ("diners", LABEL),
    "4024140000000008": ("visa", LABEL),
    "4024140000000016": ("visa", LABEL),
    "4024140000000024": ("visa", LABEL),
    "4024140000000032": ("visa", LABEL),
    "4024140000000040": ("visa", LABEL),
    "5610591081018250": ("maestro", ENDED),
    "630495060000000000": ("maestro", ENDED),
    "5890040000000016": ("maestro", MAESTRO_AS_MASTERCARD),
    "5892830000000000": ("maestro", MAESTRO_AS_MASTERCARD),
    "5031433215406351": ("maestro", MAESTRO_AS_MASTERCARD),
    "5008539999999905": ("maestro", OUTSIDE),
    "5008539999999913": ("maestro", OUTSIDE),
    "5008539999999921": ("maestro", OUTSIDE),
    "5015658742698217": ("maestro", OUTSIDE),
    "5015657236952411": ("maestro", OUTSIDE),
    "6029879999999908": (None, OUTSIDE),
    "6029879999999916": (None, OUTSIDE),
    "7783320000000000": (None, OUTSIDE),
    "76009244561": (None, UNLISTED),
    "5063516945005047": ("carnet", UNLISTED),
    "6587619825149656": ("discover", UNLISTED),
}
WRONG_LENGTHS = {"76009244561"}
NUMBERS = sorted({meaning.number for meaning in published.meanings()})


def test_published_numbers_are_of_the_schemes_their_providers_say():
    differences = {}
    for number in NUMBERS:
        scheme = detection.detect(number)
        detected = scheme.code if scheme else None
        if {meaning.scheme for meaning in published.of_number(number)} != {detected}:
            differences[number] = detected
    assert differences == {number: code for number, (code, _) in EXCEPTIONS.items()}


def test_published_numbers_have_lengths_their_schemes_allow():
    ranges = {number: detection.range_of(number) for number in NUMBERS}
    wrong = {
        number
        for number, span in ranges.items()
        if len(number) not in (span.pan_lengths if span else range(12, 20))
    }
    assert wrong == WRONG_LENGTHS


@pytest.mark.parametrize("number", EXCEPTIONS)
def test_an_exception_is_about_a_published_number(number):
    assert published.of_number(number)


def test_the_groups_of_a_published_number_are_the_number():
    for number in NUMBERS:
        assert text.group(number).replace(" ", "") == number


def test_a_masked_published_number_does_not_show_its_middle():
    for number in NUMBERS:
        assert text.mask(number)[8:-4] == "*" * (len(number) - 12) or len(number) < 16
