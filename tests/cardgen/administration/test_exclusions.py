"""The page that imports exclusions, as a browser without JavaScript has it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.schemes.text import mask
from jobs import results
from tests.support.actors import entries
from tests.support.exclusions import kept
from tests.support.fixtures import Submit
from tests.support.keys import make_user
from tests.support.work import mint_one_chunk
from tests.uniqueness.exclusions.files import OUTSIDE, text_of
from toolkit.rights import Role

PAGE = "/administration/exclusions"
WHY = "list of the acquirer"


def upload(client: Client, content: bytes, *, name: str = "bank.txt", **fields: str) -> Any:
    """Send the form as the button `Import` does."""
    file = SimpleUploadedFile(name, content)
    return client.post(PAGE, {"file": file, "reason": WHY, "format": "", "source": ""} | fields)


def test_a_file_is_imported_with_a_report_of_every_line(admin_browser: Client) -> None:
    page = upload(admin_browser, text_of(OUTSIDE, "bad", OUTSIDE)).content.decode()
    assert '<h2 id="report">Imported</h2>' in page
    assert "1 new number</dd>" in page
    assert "Lines left out: 1 of 3" in page
    assert '<td class="number">2</td><td>only digits' in page
    assert kept(OUTSIDE)
    told = entries().get()
    assert (told.actor, told.via, told.reason) == ("root", "page", WHY)


def test_the_other_button_only_reports(admin_browser: Client) -> None:
    page = upload(admin_browser, text_of(OUTSIDE), dry_run="on").content.decode()
    assert "Report: nothing was changed" in page
    assert "1 new number</dd>" in page
    assert not kept(OUTSIDE)
    assert not entries().exists()


def test_numbers_that_are_cards_are_told_by_job_and_masked(
    admin_browser: Client, submit: Submit
) -> None:
    job = submit(count=1)
    mint_one_chunk(job)
    number = str(results.page(job, limit=1)[0][0]["pan"])
    page = upload(admin_browser, text_of(number)).content.decode()
    assert f"/jobs/{job.id}" in page
    assert mask(number) in page
    assert number not in page
    assert not kept(number)


def test_a_refused_file_tells_its_lines_too(admin_browser: Client) -> None:
    answer = upload(admin_browser, text_of(OUTSIDE, "bad"), strict="on")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Refused</h2>" in page
    assert '<td class="number">2</td><td>only digits' in page
    assert not kept(OUTSIDE)


@pytest.mark.parametrize(
    ("content", "fields", "place"),
    [
        (b"", {}, "file"),
        (b"\0", {}, "file"),
        (OUTSIDE.encode(), {"reason": "because"}, "reason"),
        (OUTSIDE.encode(), {"reason": "as 4929123456781236 was"}, "reason"),
        (OUTSIDE.encode(), {"format": "xml"}, "format"),
        (OUTSIDE.encode(), {"source": "4111111111111111"}, "source"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    admin_browser: Client, content: bytes, fields: dict[str, str], place: str
) -> None:
    answer = upload(admin_browser, content, **fields)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [place]
    assert not kept(OUTSIDE)
    assert not entries().exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TESTER, Role.OPERATOR])
def test_nobody_else_imports(catalogue: None, role: Role) -> None:
    client = Client()
    client.force_login(make_user("eve", role=role))
    assert client.get(PAGE).status_code == 403
    assert upload(client, text_of(OUTSIDE)).status_code == 403
    assert not kept(OUTSIDE)
