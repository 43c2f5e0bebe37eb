"""The same questions to validators written by others."""

import re

from pydantic_extra_types import payment
from stdnum import luhn as stdnum_luhn

from generation import published
from generation.kernel.luhn import is_valid
from generation.schemes import detection

NUMBERS = sorted({meaning.number for meaning in published.meanings()})
NAMES = {"American Express": "amex", "Diners Club": "diners", "UnionPay": "unionpay", "other": None}

# What the coarser list of the other validator says -> what we say, and why both are defensible.
FINER = {
    "visa": {"visa_electron", "elo", "dankort"},  # "4" alone, before everything
    "discover": {"elo", "troy", "bccard", "cabal", "rupay", "verve"},  # "65" alone
    "mastercard": set(),
    "unionpay": set(),
    "diners": {"jcb", "mastercard"},  # "30" with JCB's 3088, and "55" where it forgets Mastercard
}


def test_luhn_agrees_with_python_stdnum():
    for stem in (number[:-1] for number in NUMBERS):
        for number in (stem + digit for digit in "0123456789"):
            assert is_valid(number) == stdnum_luhn.is_valid(number), number


def test_the_scheme_agrees_with_pydantic_where_that_one_names_a_brand():
    differences = {}
    for number in NUMBERS:
        brand = str(payment.PaymentCardNumber._identify_brand(number)[0])
        theirs = NAMES.get(brand, re.sub("[^a-z]", "", brand.lower()))
        ours = detection.detect(number)
        if theirs is not None and ours.code != theirs and ours.code not in FINER[theirs]:
            differences[number] = (theirs, ours.code)
    assert not differences
