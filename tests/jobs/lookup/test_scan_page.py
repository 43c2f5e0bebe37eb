"""The page that looks for card numbers in a file, with JavaScript and without."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs import results
from jobs.models import Job
from tests.support.fixtures import Submit
from tests.support.work import mint_one_chunk
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, text_of

PAGE = "/scan"
BYTES = "application/octet-stream"
FOREIGN = "4929420573595709"


@pytest.fixture
def own(submit: Submit) -> str:
    """The number of a card of one's own."""
    job: Job = submit(count=1, label="mine")
    mint_one_chunk(job)
    return str(results.page(job, limit=1)[0][0]["pan"])


def grouped(pan: str) -> str:
    return " ".join(pan[start : start + 4] for start in range(0, 16, 4))


def sent(client: Client, content: bytes) -> str:
    """What the form answers."""
    answer = client.post(PAGE, {"file": SimpleUploadedFile("some.log", content)})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_form_shows_whose_the_numbers_of_a_file_are(browser: Client, own: str) -> None:
    page = sent(browser, f"first line\npan={own}\nother {FOREIGN}\n".encode())
    assert grouped(own) in page
    assert "2:5" in page
    assert "mine" in page
    assert FOREIGN[-4:] in page
    assert FOREIGN not in page
    assert grouped(FOREIGN) not in page


def test_a_packed_file_is_unpacked(browser: Client, own: str) -> None:
    assert grouped(own) in sent(browser, gzip.compress(own.encode()))


def test_what_cannot_be_read_is_told(browser: Client) -> None:
    assert "unpack it first" in sent(browser, b"PK\3\4" + bytes(100))


def test_no_file_is_an_error(browser: Client) -> None:
    answer = browser.post(PAGE, {})
    assert answer.status_code == 422
    assert "Choose a file" in answer.content.decode()


def piece(client: Client, content: bytes, *, line: object = 1) -> dict:
    """What a piece is answered."""
    answer = client.post(f"{PAGE}/piece?line={line}", content, content_type=BYTES)
    assert answer.status_code == 200
    return answer.json()


def test_a_piece_counts_its_lines_from_where_it_begins(browser: Client, own: str) -> None:
    answer = piece(browser, f"\n{own} {own}\n".encode(), line=1_000)
    assert answer["counts"]["issued"] == 2
    assert "<td>1001:1</td>" in answer["rows"]


@pytest.mark.parametrize("line", ["", "x", "-1", "1" * 16, "²"])
def test_a_line_that_is_no_number_is_refused(browser: Client, line: str) -> None:
    answer = browser.post(f"{PAGE}/piece?line={line}", b"", content_type=BYTES)
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain"])
def test_a_piece_that_is_not_sent_as_bytes_is_refused(browser: Client, kind: str) -> None:
    answer = browser.post(f"{PAGE}/piece", b"--x--", content_type=kind)
    assert (answer.status_code, answer.json()) == (415, {"detail": f"Send the piece as {BYTES}."})


def test_an_imported_number_is_told_to_administrators_alone(
    browser: Client, admin_browser: Client
) -> None:
    bring_in(text_of(OUTSIDE))
    assert piece(admin_browser, OUTSIDE.encode())["counts"]["excluded"] == 1
    assert piece(browser, OUTSIDE.encode())["counts"]["excluded"] == 0
