"""Numbers with escapes in and beside them, as writers of logs, mail and pages make them."""

import json
import quopri
import random
import re
import sys
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from tests.uniqueness.scanning.corpus import CLEAN, DIRTY
from tests.uniqueness.scanning.texts import UNKNOWN, UNKNOWN_AMEX, hits_in, told
from uniqueness.scanning import characters

GROUPED = "4929 1234 5678 1236"
PADDED = f"a{' ' * 600}"
"""More than what pieces overlap by."""


@pytest.mark.parametrize("text", DIRTY)
def test_a_number_is_found_behind_every_escape(db, text):
    assert told(text) == [("unknown", UNKNOWN)]


@pytest.mark.parametrize(
    "text",
    [
        b"Karte: 4929\xa01234\xa05678\xa01236", b"4929\x961234\x975678\x961236",
        b"\xfc 4929\xad1234\xad5678\xad1236",
    ],
)  # fmt: skip
def test_spaces_and_dashes_of_windows_1252_are_read(db, text):
    assert told(text) == [("unknown", UNKNOWN)]


@pytest.mark.parametrize(
    "text",
    [
        "pan=3714+496353+98456&cvv=1234", "q=amex+371449635398456", "q=amex%3A+371449635398456",
        r"USER\371449635398456", "id=371449635398456", "LIKE '%371449635398456%'",
        "order#371449635398456",
    ],
)  # fmt: skip
def test_what_could_be_an_escape_is_the_beginning_of_a_number(db, text):
    assert told(text) == [("unknown", UNKNOWN_AMEX)]


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_one_is_not_told(catalogue, text):
    assert told(text) == []


def test_nothing_of_the_corpus_is_missed_and_nothing_told_for_nothing(catalogue):
    found = sum(told(text) == [("unknown", UNKNOWN)] for text in DIRTY)
    alarms = sum(len(told(text)) for text in CLEAN)
    sys.stdout.write(f"recall {found}/{len(DIRTY)}, false alarms {alarms} in {len(CLEAN)} texts")
    assert (found, alarms) == (len(DIRTY), 0)


WRITERS: dict[str, Callable[[str], str]] = {
    "JSON": json.dumps,
    "JSON twice": lambda text: json.dumps(json.dumps(text)),
    "JSON without quotes": lambda text: json.dumps(text).replace('\\"', "\\u0022"),
    "URL": quote,
    "URL twice": lambda text: quote(quote(text)),
    "form": quote_plus,
    "HTML": escape,
    "HTML, all numbered": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "XML, all numbered": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "Python": lambda text: ascii(text.encode()),
    "Java": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "mail": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "URL of JSON": lambda text: quote(json.dumps(text)),
    "JSON of URL": lambda text: json.dumps(quote(text)),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("between", ["", " ", "-", "\u00a0", "\u2011"])
def test_what_real_writers_escape_is_found_where_it_stands(db, writer, between):
    before = 'Größe "x" <'
    written = WRITERS[writer](f'{before}"{GROUPED.replace(" ", between)}"&')
    (hit,) = hits_in(f"first line\n{written}\n")
    assert (hit.number, hit.line) == (UNKNOWN, 2)
    assert re.match(r"4929|\\*u0034|&#52;|&#x34;", written[hit.column - 1 :])


@pytest.mark.parametrize(
    "escaped", [r"\u0022", "%22", "&#34;", "&amp;amp;#34;", "=3D", "#012", r"\x5C\x22"]
)
def test_no_cut_hides_an_escaped_number(db, monkeypatch, escaped):
    monkeypatch.setattr(characters, "READ", 700)
    digits = "".join(f"\\u00{ord(digit):x}" for digit in UNKNOWN)
    for ahead in range(0, 120, 7):
        text = f"{PADDED}{'x' * ahead} {escaped}{UNKNOWN} {PADDED} {digits} {PADDED}"
        places = [(hit.number, hit.column) for hit in hits_in(text)]
        assert places == [
            (UNKNOWN, text.index(UNKNOWN) + 1), (UNKNOWN, text.index(digits) + 1),
        ]  # fmt: skip


def test_the_cut_does_not_matter_to_escaped_texts(db, monkeypatch):
    chosen = random.Random(5)
    parts = [
        *(
            r"\u0022",
            "%22",
            "%20",
            "&#34;",
            "&nbsp;",
            "#012",
            "=3D",
            "=\n",
            r"\x22",
            "+",
            "\n",
            " ",
        ),
        *(UNKNOWN, "4929", "1234", "5678", "1236", GROUPED, GROUPED.replace(" ", "%20"), "x" * 90),
    ]
    text = "|".join("".join(chosen.choices(parts, k=6)) for _ in range(600))
    whole = hits_in(text)
    assert len(whole) > 100
    for read in (650, 1_000, 3_001):
        monkeypatch.setattr(characters, "READ", read)
        assert hits_in(text) == whole
