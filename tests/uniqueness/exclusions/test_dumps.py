"""SQL dumps and JSON arrays, as the programs that make them write them."""

import json
import tracemalloc
from io import BytesIO

import pytest

from tests.uniqueness.exclusions.test_reading import OTHER, PAN, Pieces, read
from toolkit.reading import UnreadableFile
from uniqueness.exclusions.imports.csv_layout import UnknownColumns
from uniqueness.exclusions.imports.forms import ListForm, numbers_of
from uniqueness.exclusions.imports.report import Lines
from uniqueness.exclusions.imports.verdicts import LineVerdict

COPY = f"""--
-- PostgreSQL database dump
--
CREATE TABLE public.users (
    id bigint NOT NULL,
    phone text
);
COPY public.users (id, phone) FROM stdin;
1\t{"9" * 16}
\\.
COPY public.generated_cards (id, card_number, expiry_date, cvv, bin, created_at) FROM stdin;
1\t{PAN}\t2027-03-31\t123\t411111\t2020-01-01 00:00:00+00
2\t\\N\t\\N\t\\N\t\\N\t2020-01-01 00:00:00+00
3\t{OTHER}\t2027-03-31\t1234\t378282\t2020-01-01 00:00:00+00
\\.
"""
INSERT = f"""CREATE TABLE public.generated_cards (
    id bigint NOT NULL,
    card_number character varying(19),
    cvv text,
    CONSTRAINT cvv_is_short CHECK (char_length(cvv) < 5)
);
INSERT INTO public.notes VALUES (1, 'line
INSERT INTO public.generated_cards VALUES (9, ''6304000000000000000'', ''1'');
more');
INSERT INTO public.generated_cards VALUES (1, '{PAN}', '123');
INSERT INTO public.generated_cards VALUES
\t(2, '{OTHER}', 'back\\'),
\t(3, 'oops', NULL)
ON CONFLICT DO NOTHING;
"""
MYSQL = f"""/*!40101 SET NAMES utf8 */;
CREATE TABLE `generated_cards` (
  `id` int NOT NULL AUTO_INCREMENT,
  `note` text,
  `card_number` varchar(19) DEFAULT NULL,
  `expiry_date` varchar(5) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `card_number` (`card_number`)
) ENGINE=InnoDB;
INSERT INTO `generated_cards` VALUES (1,'it\\'s (a); ','{PAN}','03/27'),(2,'''','{OTHER}','');
INSERT INTO `generated_cards` (`card_number`, `id`) VALUES ('12', 3);
"""


def in_pieces(content: str, size: int, form: ListForm) -> tuple[list[str], Lines]:
    data = content.encode()
    return read(Pieces(data[at : at + size] for at in range(0, len(data), size)), form)


@pytest.mark.parametrize(
    ("dump", "records", "bad"),
    [
        (COPY, 3, [(13, LineVerdict.NO_NUMBER)]),
        (COPY.replace("\n", "\r\n"), 3, [(13, LineVerdict.NO_NUMBER)]),
        (INSERT, 3, [(13, LineVerdict.CHARACTERS)]),
        (MYSQL, 3, [(11, LineVerdict.LENGTH)]),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_dump_has_its_numbers_and_their_lines_wherever_reading_stops(dump, records, bad, size):
    found, lines = in_pieces(dump, size, ListForm.SQL)
    assert (found, lines.total, lines.bad) == ([PAN, OTHER], records, bad)


def test_a_row_that_does_not_end_is_told_and_the_next_statement_read():
    dump = f"INSERT INTO c (pan) VALUES ('{PAN}', 'x;\n\nINSERT INTO c (pan) VALUES ('{OTHER}');\n"
    dump = dump.replace("'x;", "(1;")
    found, lines = in_pieces(dump, 1 << 20, ListForm.SQL)
    assert (found, lines.bad) == ([OTHER], [(1, LineVerdict.NOT_SQL)])


def test_a_dump_without_cards_is_refused():
    dump = f"COPY public.orders (id, number) FROM stdin;\n1\t{PAN}\n\\.\n"
    with pytest.raises(UnknownColumns, match="pan or card_number"):
        in_pieces(dump, 1 << 20, ListForm.SQL)


def test_an_array_has_its_numbers_and_their_lines_wherever_reading_stops():
    cards = [{"card_number": PAN, "cvv": "1"}, OTHER, {"x": 1}, 12, None, "1" * 30]
    for text in (json.dumps(cards), json.dumps(cards, indent=1), f" [\n{json.dumps(cards)[1:]}\n"):
        for size in (1, 5, 1 << 20):
            found, lines = in_pieces(text, size, ListForm.JSON)
            assert (found, lines.total) == ([PAN, OTHER], 6)
    assert [line for line, _ in lines.bad] == [2] * 4
    assert [
        line for line, _ in in_pieces(json.dumps(cards, indent=1), 5, ListForm.JSON)[1].bad
    ] == [*(7, 10, 11, 12)]


@pytest.mark.parametrize(
    "text", ["", f'"{PAN}"', f'["{PAN}"', f'["{PAN}" 1]', '["a",]', "[" * 9999]
)
def test_what_is_no_array_is_refused(text):
    with pytest.raises(UnreadableFile):
        in_pieces(text, 1 << 20, ListForm.JSON)
    assert in_pieces("[ ]", 1, ListForm.JSON)[1].total == 0


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (ListForm.SQL, COPY.replace(OTHER, PAN)),
        (ListForm.SQL, f"INSERT INTO `a` (cvv, pan) VALUES ('', '{PAN}'), ('1', '{PAN}');"),
        (ListForm.CSV, f"Card Number,exp date,CVV,bin\n{PAN},1,123,a\n{PAN},1,124,a\n"),
        (ListForm.NDJSON, f'{{"pan": "{PAN}", "cvv": "1"}}\n{{"pan": "{PAN}", "cvv": "2"}}\n'),
        (ListForm.JSON, f'[{{"pan": "{PAN}", "exp": 1}}, {{"pan": "{PAN}", "exp": 2}}]'),
    ],
)
def test_cards_of_one_number_are_told_apart_by_their_details(form, content):
    (details,) = (
        block.details.tolist()
        for block in numbers_of(BytesIO(content.encode()), form=form)
        if block.details.size
    )
    assert len({*details}) == len(details) == 2


def test_a_statement_of_any_length_takes_little_memory():
    row = b",('" + OTHER.encode() + b"','" + b"x" * 2_000 + b"')"
    head = b"INSERT INTO `c` (`pan`,`note`) VALUES ('" + PAN.encode() + b"','')"
    pieces = iter([head, *[row * 500] * 60, b";\n"])
    tracemalloc.start()
    total = sum(block.pans.size for block in numbers_of(Pieces(pieces), form=ListForm.SQL))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 1 + 30_000
    assert peak < 30 * 2**20 < 30_000 * len(row)
