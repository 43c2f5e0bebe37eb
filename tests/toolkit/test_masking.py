"""What may be logged: no card number, however it was written, no key, no password."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.kernel.luhn import is_valid
from toolkit.masking import KEY, NUMBER, SECRET, mask

PAN = "4000004462936174"
GROUPS = ["4000 0044 6293 6174", "4000-0044-6293-6174", "40000044 62936174", "400000 4462936174",
          "4000.0044.6293.6174", "4000  0044  6293  6174", "4000\t0044\t6293\t6174",
          "4000\u00a00044\u00a06293\u00a06174", "4000%200044%206293%206174",
          "4000+0044+6293+6174", "4000&nbsp;0044&nbsp;6293&nbsp;6174",
          "4000\u200b0044\u200b6293\u200b6174", "\uff14000004462936174"]  # fmt: skip
AROUND = ["refused: {}!", "Key (pan)=({})", "pan={}.", "%3D{}", "next=%2Fx%3Fpan%3D{}&x=1",
          "%B{}^DOE/JANE^2908101", ";{}=29081011234?", "{}D29081011234", "pan-{}", "x{}", "{}abc",
          "\\u0022pan\\u0022:\\u0022{}\\u0022", "12 {}", "2026-11-28 {}", "0x{}",
          "\u0436 {} \u0436", "\U0001f600{}", "a={},b={}"]  # fmt: skip


def digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


@pytest.mark.parametrize("around", AROUND)
def test_a_number_is_masked_whatever_is_beside_it(around):
    shown = mask(around.replace("{}", PAN))
    assert NUMBER in shown
    assert PAN[4:] not in digits(shown)
    assert shown.replace(NUMBER, "{}") == around


@pytest.mark.parametrize("grouped", [*GROUPS, "378282246310005", "3782 822463 10005",
                                     "6304000000000000000", "400000446293"])  # fmt: skip
def test_a_number_is_masked_however_it_is_grouped(grouped):
    assert mask(f"refused: {grouped}!") == f"refused: {NUMBER}!"


@given(
    payload=st.text("0123456789", min_size=11, max_size=18),
    before=st.text(st.characters(blacklist_categories=["Nd", "Cs"]), max_size=20),
    behind=st.text(st.characters(blacklist_categories=["Nd", "Cs"]), max_size=20),
)
def test_a_random_number_in_random_surroundings_is_masked(payload, before, behind):
    number = next(one for digit in "0123456789" if is_valid(one := f"{payload}{digit}"))
    assert number not in mask(f"{before} {number} {behind}")
    assert number not in mask(f"{before}{number}{behind}") or "\\" in before


@pytest.mark.parametrize(
    "text",
    ["123e4567-e89b-12d3-a456-426614174000", "11111111-2222-3333-4444-555555555555",
     "2026-11-23 20:57:58,123", "1000000 cards", "d41d8cd98f00b204e9800998ecf8427e00112233",
     "pid 12345, port 5432, 127.0.0.1:8000", "1764335684.123 s", "the password is wrong"],
)  # fmt: skip
def test_identifiers_and_times_stay_readable(text):
    assert mask(f"about {text}") == f"about {text}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key cg_abcDEF0123456789abcDEF0123456789abcDEF0 sent", f"key {KEY} sent"),
        ("postgres://u:Hunter2/secret@db/x", f"postgres://u:{SECRET}@db/x"),
        ("redis://:hunter2@host:1/0", f"redis://:{SECRET}@host:1/0"),
        ("Cookie: sessionid=abc; csrftoken=def", f"Cookie: sessionid={SECRET}; csrftoken={SECRET}"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {SECRET}"),
        ("password='hunter2'", f"password='{SECRET}'"),
        ('{"cvv": "123"}', f'{{"cvv": "{SECRET}"}}'),
    ],
)
def test_keys_and_passwords_are_masked(text, shown):
    assert mask(text) == shown
