"""Files as people have them: three forms, odd spellings, and what is no text at all."""

import tracemalloc
from collections.abc import Iterator

import pytest

from toolkit.reading import MOST_LINE, UnreadableFile
from uniqueness.exclusions.imports.csv_layout import UnknownColumns
from uniqueness.exclusions.imports.forms import ListForm, form_of, numbers_of
from uniqueness.exclusions.imports.report import Lines
from uniqueness.exclusions.imports.verdicts import LineVerdict

PAN, OTHER, LONGEST = "4111111111111111", "378282246310005", "6304000000000000000"


class Pieces:
    """A stream that gives what an iterator makes, so that nothing large has to exist."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int, /) -> bytes:
        return next(self._pieces, b"")


def read(content: bytes | Pieces, form: ListForm = ListForm.PLAIN) -> tuple[list[str], Lines]:
    stream = content if isinstance(content, Pieces) else Pieces(iter([content] if content else []))
    found, lines = [], Lines()
    for block in numbers_of(stream, form=form):
        found += [pan.decode() for pan in block.pans.tolist()]
        lines.add(block.verdicts, lines=block.lines)
    return found, lines


@pytest.mark.parametrize(
    "line",
    [PAN, f"  {PAN}\t", "4111 1111 1111 1111", "4111-1111-1111-1111", f"{PAN}\r", "411111111111 ",
     "3782 822463 10005", LONGEST, "6304 0000 0000 0000 000", "4111 - 1111  11111111"],
)  # fmt: skip
def test_numbers_may_be_written_in_groups(line):
    digits = "".join(filter(str.isdigit, line))
    assert read(f"{line}\n".encode())[0] == [digits]


@pytest.mark.parametrize(
    "line",
    ["4111\u00a01111\u202f1111\u20091111", "4111\u20101111\u22121111\u20131111",
     "４１１１" + PAN[4:], "\u200b4111 1111 1111 1111\u200e", "٤١١١١١١١١١١١١١١١",
     "\u00a04111\u00ad111111111111"],
)  # fmt: skip
def test_spaces_dashes_and_digits_may_be_those_of_any_alphabet(line):
    for form, content in ((ListForm.PLAIN, line), (ListForm.CSV, f"pan;x\n{line};ä")):
        assert read(content.encode(), form)[0] == [PAN]


@pytest.mark.parametrize("line", ["4111\xa01111\xa01111\xa01111", "4111\x961111\x971111-1111"])
def test_they_may_be_written_in_windows_1252(line):
    for form, content in ((ListForm.PLAIN, line), (ListForm.CSV, f"pan;x\n{line};\xe4")):
        assert read(content.encode("latin-1"), form)[0] == [PAN]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [("41111111111", LineVerdict.LENGTH), ("41111111111111111111", LineVerdict.LENGTH),
     ("4" * 1_000, LineVerdict.LENGTH),
     ("4111111111111111.0", LineVerdict.CHARACTERS), (f'"{PAN}"', LineVerdict.CHARACTERS),
     (f"{PAN} 123", LineVerdict.GROUPS), (f"{PAN[:12]}\t{PAN[12:]}", LineVerdict.CHARACTERS),
     ("4111\r1111\r1111", LineVerdict.CHARACTERS), (f"{PAN}\x1a", LineVerdict.CHARACTERS),
     ("４１１１é" * 4, LineVerdict.CHARACTERS), ("12345678901e5", LineVerdict.CHARACTERS)],
)  # fmt: skip
def test_what_is_no_number_is_told_by_line_and_reason(line, verdict):
    found, lines = read(f"{PAN}\n{line}\n{OTHER}\n".encode())
    assert (found, lines.bad) == ([PAN, OTHER], [(2, verdict)])


@pytest.mark.parametrize("line", ["", "   ", "\t", " - ", "\r"])
def test_blank_lines_are_counted_as_such(line):
    lines = read(f"{line}\n{PAN}\n".encode())[1]
    assert (lines.counts[LineVerdict.BLANK], lines.total, lines.bad) == (1, 2, [])


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_the_last_line_counts_with_and_without_an_end(end):
    found, lines = read(f"{OTHER}\r\n{PAN}{end}".encode())
    assert (found, lines.total) == ([OTHER, PAN], 2)


def test_a_byte_order_mark_of_utf_8_is_no_part_of_the_number():
    assert read(b"\xef\xbb\xbf" + PAN.encode())[0] == [PAN]


@pytest.mark.parametrize(
    "content",
    [
        f"pan,expiry\n{PAN},12/30\n",
        f"id;Card Number;name\n7;{PAN};Ann\n",
        f"name\tNUMBER\nx\t{PAN}\n",
        f"a|pan\nx|{PAN}\n",
        f"{PAN},12/30\n",
        f"cards\n{PAN}\n",
        f'name,pan\n"Smith, Ann","{PAN}"\n',
        f'"pan"\n"{PAN}"\n',
        "\n\npan\n4111 1111 1111 1111\n",
        f"number,x\r\n{PAN},\r\n",
    ],
)
def test_csv_says_itself_where_the_number_is(content):
    found, lines = read(content.encode(), ListForm.CSV)
    assert (found, lines.bad) == ([PAN], [])


@pytest.mark.parametrize(
    ("line", "verdict"),
    [("Ann", LineVerdict.NO_NUMBER), ("Ann,", LineVerdict.NO_NUMBER),
     (f'"Ann,{PAN}', LineVerdict.QUOTE),
     (f"Ann,{PAN}x", LineVerdict.CHARACTERS), ("Ann,123", LineVerdict.LENGTH)],
)  # fmt: skip
def test_a_bad_csv_row_is_told(line, verdict):
    found, lines = read(f"name,pan\nBob,{OTHER}\n{line}\nEve,{PAN}\n".encode(), ListForm.CSV)
    assert (found, lines.bad) == ([OTHER, PAN], [(3, verdict)])


def test_a_csv_header_without_a_known_name_is_refused():
    with pytest.raises(UnknownColumns, match="pan, card_number or number"):
        read(f"name,value\nAnn,{PAN}\n".encode(), ListForm.CSV)


def test_ndjson_is_texts_or_objects():
    content = f'"{PAN}"\n{{"x": 1, "number": "3782 822463 10005"}}\n\n{{"pan": "{LONGEST}"}}'
    found, lines = read(content.encode(), ListForm.NDJSON)
    assert (found, lines.counts[LineVerdict.BLANK], lines.bad) == ([PAN, OTHER, LONGEST], 1, [])


@pytest.mark.parametrize(
    ("line", "verdict"),
    [(PAN, LineVerdict.NOT_TEXT), (f'{{"pan": {PAN}}}', LineVerdict.NOT_TEXT),
     ("null", LineVerdict.NOT_TEXT),
     (f'["{PAN}"]', LineVerdict.NOT_TEXT), ('{"card": "x"}', LineVerdict.NOT_TEXT),
     ('{"pan": ""}', LineVerdict.NOT_TEXT), ("{", LineVerdict.NOT_JSON),
     ("[" * 60_000, LineVerdict.NOT_JSON),
     ("9" * 60_000, LineVerdict.NOT_JSON), (f'"{PAN}\\u0000"', LineVerdict.CHARACTERS),
     (f'"{PAN}\\n"', LineVerdict.CHARACTERS), ('"\\ud800"', LineVerdict.CHARACTERS)],
)  # fmt: skip
def test_a_bad_ndjson_line_is_told(line, verdict):
    found, lines = read(f'"{OTHER}"\n{line}\n"{PAN}"\n'.encode(), ListForm.NDJSON)
    assert (found, lines.bad) == ([OTHER, PAN], [(2, verdict)])


@pytest.mark.parametrize(
    ("content", "words"),
    [(PAN.encode("utf-16"), "UTF-16"), (PAN.encode("utf-16-be"), "UTF-16"),
     (b"\x1f\x8b\x08 and so on", "gzip"), (b"PK\x03\x04...", "zip"), (b"\x7fELF\0\0", "binary"),
     (PAN.encode() + b"\n\0\n", "zero bytes")],
)  # fmt: skip
def test_what_is_no_text_is_refused(content, words):
    with pytest.raises(UnreadableFile, match=words):
        read(content)


def test_a_line_of_a_gigabyte_is_one_bad_line_in_little_memory():
    megabyte = b"4" * 2**20
    pieces = iter([f"{PAN}\n".encode(), *[megabyte] * 1024, f"\n{OTHER}\n".encode()])
    tracemalloc.start()
    found, lines = read(Pieces(pieces))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found, lines.bad) == ([PAN, OTHER], [(2, LineVerdict.TOO_LONG)])
    assert peak < 20 * 2**20


def test_a_line_is_cut_wherever_the_reading_stops():
    for size in range(1, 60):
        content = f"{PAN}\r\n{OTHER}\n\n{'1' * (MOST_LINE + 1)}\n{LONGEST}".encode()
        pieces = (content[at : at + size * 997] for at in range(0, len(content), size * 997))
        found, lines = read(Pieces(pieces))
        assert (found, lines.total) == ([PAN, OTHER, LONGEST], 5)
        assert lines.bad == [(4, LineVerdict.TOO_LONG)]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("A.TSV", "csv"), ("x.y.ndjson", "ndjson"), ("x.jsonl", "ndjson"),
     ("numbers.txt", "plain"), ("numbers", "plain"), ("-", "plain")],
)  # fmt: skip
def test_the_form_follows_from_the_name(name, form):
    assert form_of(name) == form
