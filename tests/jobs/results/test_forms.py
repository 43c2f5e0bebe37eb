"""Every form, read back by a real consumer, holds the same cards as the JSON page."""

import configparser
import csv
import io
import json
import re
import tomllib
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from pyarrow import parquet

from generation.fields import DEFAULT, FIELDS
from generation.kernel.defects import Defect
from generation.kernel.details import Details
from jobs import control, results, work
from jobs.orders import ItemOrder
from jobs.results import DELIMITERS, FORMS, Layout, ResultFile
from jobs.results.allow_lists import GITLEAKS_CARDS
from jobs.results.file_forms import XLSX_ROWS
from jobs.results.room import TooManyRows
from tests.support.actors import somebody
from uniqueness.models import Card

ALL = tuple(FIELDS)


@pytest.fixture
def job(submit, settings):
    """A finished mixed job of several chunks: lengths, schemes and tiers differ.

    Every character of track 1 is the LRC of some card; addresses have an apostrophe.
    """
    settings.CARDGEN_CHUNK_CARDS = 1_000
    items = (ItemOrder(count=2_100, scheme="visa"), ItemOrder(count=30, scheme="iso_test"))
    made = submit(items=items, details=Details(address="1 O'NEIL ST"))
    work.work(duration=timedelta(seconds=60))
    return made


def cards(job, fields) -> list[dict]:
    return [
        card for block in results.blocks(job) for card in results.card_dicts(block, fields=fields)
    ]


def written(job, form: str, *, fields=DEFAULT, delimiter: str = ",") -> bytes:
    layout = Layout(fields=tuple(fields), delimiter=delimiter)
    return b"".join(ResultFile(job=job, form_name=form, layout=layout).pieces())


def as_text(rows: list[dict]) -> list[dict]:
    return [{name: str(value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("delimiter", DELIMITERS.values())
@pytest.mark.parametrize("form", ["csv", "jmeter"])
def test_csv_is_read_by_pythons_csv(job, form, delimiter):
    text = written(job, form, fields=ALL, delimiter=delimiter).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert rows == as_text(cards(job, ALL))


def test_ndjson_is_read_by_json(job):
    rows = [json.loads(line) for line in written(job, "ndjson", fields=ALL).splitlines()]
    assert rows == cards(job, ALL)


@pytest.mark.parametrize("delimiter", DELIMITERS.values())
def test_csv_has_quotes_only_where_a_reader_needs_them(job, delimiter):
    head, *lines = written(job, "csv", fields=ALL, delimiter=delimiter).decode().splitlines()
    assert head == delimiter.join(ALL)
    for line, card in zip(lines, as_text(cards(job, ALL)), strict=True):
        values = [
            '"{}"'.format(text.replace('"', '""')) if {delimiter, '"'} & set(text) else text
            for text in card.values()
        ]
        assert line == delimiter.join(values)


def test_jmeters_csv_is_read_by_splitting_as_jmeter_does_by_default(job):
    fields = [name for name in ALL if name != "track1"]  # its LRC may be a comma
    head, *lines = written(job, "jmeter", fields=fields).decode().splitlines()
    rows = [dict(zip(head.split(","), line.split(","), strict=True)) for line in lines]
    assert rows == as_text(cards(job, fields))


@pytest.mark.parametrize("delimiter", DELIMITERS.values())
def test_no_backslash_hides_a_quote_from_readers_that_take_it_for_an_escape(job, delimiter):
    text = written(job, "csv", fields=["track1", "track2", "pan"], delimiter=delimiter).decode()
    assert "?\\" + delimiter in text  # among 2,000 cards, some LRC is a backslash
    assert '\\"' not in text


def test_sql_for_mysql_is_read_by_mysqls_rules(job):
    text = written(job, "mysql", fields=ALL).decode()
    rows = [
        [_of_mysql(value) for value in re.findall(r"'(?:[^'\\]|\\.|'')*'|\d+", line)]
        for line in re.findall(r"^\((.*)\)[,;]$", text, re.MULTILINE)
    ]
    assert [dict(zip(ALL, row, strict=True)) for row in rows] == as_text(cards(job, ALL))
    assert re.sub(r"\\\\", r"\\", text) == written(job, "sql", fields=ALL).decode()


def _of_mysql(literal: str) -> str:
    """Undo MySQL's literals: a backslash or a quote stands for the character behind it."""
    return re.sub(r"\\(.)|'(')", r"\1\2", literal.removeprefix("'").removesuffix("'"))


def test_sql_is_run_by_postgresql(job):
    with connection.cursor() as cursor:
        cursor.execute(written(job, "sql", fields=ALL).replace(b"%", b"%%"), [])
        cursor.execute(f"SELECT {', '.join(ALL)} FROM cards")
        rows = [dict(zip(ALL, row, strict=True)) for row in cursor.fetchall()]
    assert rows == cards(job, ALL)


def test_xlsx_is_read_by_openpyxl(job):
    book = openpyxl.load_workbook(io.BytesIO(written(job, "xlsx", fields=ALL)), read_only=True)
    head, *rows = book["cards"].iter_rows(values_only=True)
    assert head == ALL
    assert [dict(zip(ALL, row, strict=True)) for row in rows] == cards(job, ALL)


def test_a_worksheet_shows_numbers_as_text_whole_and_with_a_filter(job):
    sheet = openpyxl.load_workbook(io.BytesIO(written(job, "xlsx", fields=ALL)))["cards"]
    head, *rows = sheet.iter_rows()
    for column in zip(head, *rows, strict=True):
        name, *cells = column
        kinds = {(cell.data_type, cell.number_format) for cell in cells}
        assert kinds == {("n", "General") if FIELDS[name.value].number else ("s", "@")}
        longest = max(len(str(cell.value or "")) for cell in column)
        assert width_of(sheet, name.column) > longest
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.freeze_panes == "A2"


def width_of(sheet, column: int) -> float:
    """Find the width; columns side by side that are as wide stand in the file as one."""
    (width,) = [
        found.width
        for found in sheet.column_dimensions.values()
        if found.min <= column <= found.max
    ]
    return width


def test_parquet_is_read_by_pyarrow(job):
    table = parquet.read_table(io.BytesIO(written(job, "parquet", fields=ALL)))
    assert table.to_pylist() == cards(job, ALL)


def test_panhunt_finds_every_number_in_its_ini(job):
    ini = configparser.ConfigParser()
    ini.read_string(written(job, "panhunt").decode())
    numbers = set(ini["DEFAULT"]["excludepans"].split(","))
    assert numbers > set(Card.objects.values_list("pan", flat=True))


PANHUNTS = re.compile(r"(?:\D|^)(4\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4})(?:\D|$)")
"""What PANhunt takes for a Visa number; it looks it up as it is written."""


@pytest.mark.parametrize("separator", ["", " ", "-"])
def test_panhunt_excludes_grouped_numbers_as_well(job, separator):
    ini = configparser.ConfigParser()
    ini.read_string(written(job, "panhunt").decode())
    excluded = ini["DEFAULT"]["excludepans"].split(",")
    for card in cards(job, ["pan_grouped", "scheme"])[:2_100:20]:
        (found,) = PANHUNTS.findall(f"pan {card['pan_grouped'].replace(' ', separator)}.")
        assert found in excluded


def allowed(job) -> re.Pattern:
    """The patterns as gitleaks has them, all in one, to be searched in a secret."""
    allowlist = tomllib.loads(written(job, "gitleaks").decode())["allowlist"]
    return re.compile("|".join(allowlist["regexes"]))


def test_gitleaks_allows_every_number_however_it_is_grouped(job):
    pattern = allowed(job)
    for card in cards(job, ["pan", "pan_grouped"])[::20]:
        grouped = card["pan_grouped"]
        assert all(map(pattern.search, (card["pan"], grouped, grouped.replace(" ", "-"))))


def test_gitleaks_allows_no_number_that_only_holds_one_of_ours(job):
    pattern = allowed(job)
    for card in cards(job, ["pan"])[::20]:
        for secret in (f"5{card['pan']}", f"{card['pan']}0", f"key {card['pan']}", "4" * 16):
            assert not pattern.search(secret)


def test_a_job_without_cards_gives_gitleaks_a_list_that_it_takes(submit):
    job = submit(count=1)
    control.cancel(job, actor=somebody())
    allowlist = tomllib.loads(written(job, "gitleaks").decode())["allowlist"]
    assert allowlist["regexes"]
    assert not allowed(job).search("4111111111111111")


@pytest.mark.parametrize("defect", ["too_short", "too_long", "non_digit", "luhn"])
@pytest.mark.parametrize("form", ["panhunt", "gitleaks"])
def test_lists_for_scanners_take_numbers_that_are_not_whole(submit, form, defect):
    job = submit(count=50, defect=Defect(defect), month=2026 * 12)
    work.work(duration=timedelta(seconds=60))
    text = written(job, form).decode()
    assert all(re.search(rf"\b{pan}\b", text.replace("[ -]?", "")) for pan in pans_of(job))


def pans_of(job) -> list[str]:
    return [card["pan"] for card in cards(job, ["pan"])]


def test_more_numbers_than_gitleaks_reads_are_refused_up_front():
    FORMS["gitleaks"].check(rows=GITLEAKS_CARDS)
    with pytest.raises(TooManyRows, match=r"fetch it in 2 shares, the first by shard=1/2\."):
        FORMS["gitleaks"].check(rows=GITLEAKS_CARDS + 1)


def test_a_worksheet_that_would_overflow_is_refused_up_front():
    FORMS["xlsx"].check(rows=XLSX_ROWS)
    with pytest.raises(TooManyRows, match="choose csv, or fetch it in 2 shares"):
        FORMS["xlsx"].check(rows=XLSX_ROWS + 1)


def test_fields_of_the_order_are_the_usual_ones_of_its_result(api, submit):
    job = submit(count=3, fields=("last_four", "pan"))
    work.work(duration=timedelta(seconds=60))
    page = api.get(f"/api/v1/cards/jobs/{job.id}/result").json()["results"]
    assert [list(card) for card in page] == [["last_four", "pan"]] * 3
    chosen = api.get(f"/api/v1/cards/jobs/{job.id}/result?fields=scheme,tier").json()["results"]
    assert chosen == [{"scheme": "visa", "tier": "scheme_test"}] * 3


@pytest.mark.parametrize("fields", [["pan", "pan"], ["pin_code"], [""], "pan", [5]])
def test_unknown_fields_are_refused_with_the_known_ones(api, fields):
    body = {"scheme": "visa", "count": 1, "fields": fields}
    response = api.post("/api/v1/cards/generate", body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"].startswith("/fields")


@pytest.mark.parametrize("query", ["fields=nope", "delimiter=x", "format=xlsm"])
def test_a_wrong_query_is_refused(api, job, query):
    assert api.get(f"/api/v1/cards/jobs/{job.id}/result?{query}").status_code == 400
