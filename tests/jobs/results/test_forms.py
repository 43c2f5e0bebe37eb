"""Every form, read back by a real consumer, holds the same cards as the JSON page."""

import configparser
import csv
import io
import json
import tomllib
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from pyarrow import parquet

from generation.fields import DEFAULT, FIELDS
from jobs import results, work
from jobs.orders import ItemOrder
from jobs.results import DELIMITERS, FORMS, Layout, ResultFile
from jobs.results.file_forms import XLSX_ROWS, TooManyRows
from uniqueness.models import Card

ALL = tuple(FIELDS)


@pytest.fixture
def job(submit, settings):
    """A finished mixed job of several chunks: lengths, schemes and tiers differ."""
    settings.CARDGEN_CHUNK_CARDS = 1_000
    items = (ItemOrder(count=2_100, scheme="visa"), ItemOrder(count=30, scheme="iso_test"))
    made = submit(items=items, cardholder_name="ANN O'NEIL")
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


def test_parquet_is_read_by_pyarrow(job):
    table = parquet.read_table(io.BytesIO(written(job, "parquet", fields=ALL)))
    assert table.to_pylist() == cards(job, ALL)


def test_panhunt_finds_every_number_in_its_ini(job):
    ini = configparser.ConfigParser()
    ini.read_string(written(job, "panhunt").decode())
    numbers = [number for number in ini["DEFAULT"]["excludepans"].split(",") if number]
    assert sorted(numbers) == sorted(Card.objects.values_list("pan", flat=True))


def test_gitleaks_finds_every_number_in_its_toml(job):
    config = tomllib.loads(written(job, "gitleaks").decode())
    assert config["allowlists"][0]["regexes"] == [card["pan"] for card in cards(job, ["pan"])]


def test_a_worksheet_that_would_overflow_is_refused_up_front():
    FORMS["xlsx"].check(rows=XLSX_ROWS)
    with pytest.raises(TooManyRows, match="choose csv"):
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
