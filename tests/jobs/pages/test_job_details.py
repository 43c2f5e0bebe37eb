"""What a job's page tells of its cards, its files, its chunks and what happened to it."""

import re
import shlex
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from jobs import results, states, watching
from jobs.models import Chunk, Job, Status
from jobs.pages.job.pace import pace_of
from jobs.results.forms import PURPOSES
from jobs.templatetags.cardgen_pages import grouped
from tests.support.answers import body_of
from tests.support.fixtures import FIRST_MONTH, Submit
from tests.support.keys import make_user
from tests.support.work import mint_one_chunk
from toolkit.rights import Role
from uniqueness.models import Card


def made(submit: Submit, **changes: object) -> Job:
    """A job with all its cards made."""
    job = submit(**changes)
    mint_one_chunk(job)
    return Job.objects.get(id=job.id)


def page_of(browser: Client, job: Job, query: str = "") -> str:
    return browser.get(f"/jobs/{job.id}{query}").content.decode()


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col"><code>(\w+)</code>', page)


def test_the_cards_have_the_fields_that_were_ordered(browser: Client, submit: Submit):
    page = page_of(browser, made(submit, count=2, fields=("expiry", "track2", "pan")))
    assert heads(page) == ["pan", "expiry", "track2"]
    assert len(re.findall(r";\d{16}=\d+\?", page)) == 2


@pytest.mark.parametrize(
    ("defect", "flawed"),
    [("luhn", ["pan"]), ("expired", ["expiry_month", "expiry_year"]), ("cvv_length", ["cvv"])],
)
def test_what_is_wrong_on_purpose_is_marked(
    browser: Client, submit: Submit, defect: str, flawed: list[str]
):
    job = made(submit, count=1, defect=defect, month=FIRST_MONTH)
    page = page_of(browser, job)
    card = results.page(job, limit=1)[0][0]
    shown = [grouped(card[name]) if name == "pan" else str(card[name]) for name in flawed]
    assert re.findall(r'<span class="flaw">([^<]+)', page) == ["so", *shown]
    assert "Wrong on purpose" in page


def test_good_cards_have_no_mark(browser: Client, submit: Submit):
    page = page_of(browser, made(submit, count=1))
    assert "flaw" not in page
    assert "Wrong on purpose" not in page


def test_every_card_stands_on_one_page(browser: Client, submit: Submit):
    job = made(submit, count=50)
    seen, query = [], ""
    while True:
        page = page_of(browser, job, query)
        seen += re.findall(r'data-copies="(\d+)"', page)
        more = re.search(r'href="[^"?]+(\?cards=[^"#]+)#preview"', page)
        if more is None:
            break
        query = more[1]
    assert len(seen) == len(set(seen)) == 50


@pytest.mark.parametrize("cursor", ["odd", "1.2", "9" * 60])
def test_a_page_of_cards_that_there_is_not_is_said(browser: Client, submit: Submit, cursor: str):
    page = page_of(browser, made(submit, count=1), f"?cards={cursor}")
    assert "cursor" in page or "There is no place" in page


def test_cards_that_were_changed_do_not_take_the_page_away(browser: Client, submit: Submit):
    job = made(submit, count=3)
    first = Card.objects.earliest("slot")
    Card.objects.filter(slot=first.slot).update(cvv="x")
    page = page_of(browser, job)
    assert "Some of these cards were changed in the database, so none is shown." in page
    assert "Prove now" in page
    assert not any(grouped(pan) in page for pan in Card.objects.values_list("pan", flat=True))


def test_who_sees_jobs_alone_sees_no_card(submit: Submit):
    job, viewer = made(submit, count=3), Client()
    owner = make_user("viewer", role=Role.VIEWER)
    Job.objects.filter(id=job.id).update(owner=owner)
    viewer.force_login(owner)
    page = page_of(viewer, job)
    assert "Your role shows the job and not its cards." in page
    assert not re.search(r"\d{4} \d{4} \d{4} \d{4}", page)
    assert "format=csv" not in page


def test_the_size_of_a_text_file_is_told_before(browser: Client, submit: Submit):
    small, large = made(submit, count=7), made(submit, count=1_000)
    for job in (small, large):
        layout = results.Layout(fields=results.fields_of(job))
        for form, size in results.sizes(job).items():
            file = results.ResultFile(job=job, form_name=form, layout=layout)
            length = sum(map(len, file.pieces()))
            assert size.exact is (job == small)
            assert size.count == length if size.exact else abs(size.count / length - 1) < 0.1
    assert not re.search("about [0-9]", page_of(browser, small))
    assert re.search("about [0-9]", page_of(browser, large))


def test_the_sums_are_of_files_that_have_one(browser: Client, submit: Submit):
    page = page_of(browser, made(submit, count=1))
    for link in re.findall(r'href="([^"]+sha256[^"]+)"', page):
        assert browser.get(link).status_code == 200
    assert "sha256?format=csv" in page
    assert "sha256?format=xlsx" not in page


def test_part_of_the_cards_is_had_by_a_form(browser: Client, submit: Submit):
    job = made(submit, count=30)
    page = page_of(browser, job)
    form = page[page.index('aria-label="Part of the cards"') :].partition("</form>")[0]
    given = dict(re.findall(r'name="(\w+)" type="number"[^>]* value="(\d+)"', form))
    assert given == {"seek": "0", "limit": "1000"}
    formats = re.findall(r'<option value="(\w+)"', form)
    assert formats == [*PURPOSES]
    url = f"/api/v1/cards/jobs/{job.id}/result"
    asked = browser.get(url, given | {"format": formats[0], "seek": "10", "limit": "5"})
    assert body_of(asked).count(b"\n") == 6
    assert f'action="{url}"' in page


def test_the_command_for_the_file_fails_where_the_server_refuses(browser: Client, submit: Submit):
    job = made(submit, count=1)
    words = shlex.split(browser.get(f"/jobs/{job.id}").context["fetching"])
    assert "--fail-with-body" in words
    assert words[-1] == f"http://testserver/api/v1/cards/jobs/{job.id}/result?format=csv"


def test_the_timeline_tells_states_attempts_and_what_comes(browser: Client, submit: Submit):
    job = submit(count=10)
    assert steps(browser, job) == ["queued", "running"]
    at = datetime(2030, 1, 1, 14, 2, tzinfo=UTC)
    Chunk.objects.filter(job=job).update(attempts=2, error="the disk is full", not_before=at)
    page = page_of(browser, job)
    assert "attempt 2 of 5 failed: the disk is full" in page
    assert 'datetime="2030-01-01T14:02:00+00:00"' in page
    assert steps(browser, job) == ["queued", "failed", "queued", "running"]
    states.move(job.id, to=Status.PAUSED)
    assert steps(browser, job)[-2:] == ["paused", "queued"]
    states.move(job.id, to=Status.CANCELLED)
    assert steps(browser, job)[-1] == "cancelled"


def steps(browser: Client, job: Job) -> list[str]:
    return re.findall(r'<li class="step[^"]*" data-status="(\w+)"', page_of(browser, job))


def test_a_finished_job_went_straight(browser: Client, submit: Submit):
    assert steps(browser, made(submit, count=1)) == ["queued", "running", "succeeded"]


def test_the_chunks_are_a_picture_and_a_table(browser: Client, submit: Submit):
    page = page_of(browser, made(submit, count=10))
    assert '<li data-chunk="done" title="done: 10 of 10 cards">' in page
    assert re.search(r'data-chunk="done"></span> done</td><td class="number">1<', page)


def test_many_chunks_are_few_cells(submit: Submit):
    job = submit(count=1)
    one = Chunk.objects.get(job=job)
    Chunk.objects.bulk_create(
        Chunk(job=job, item=one.item, first_slot=n, end_slot=n + 1, wanted=1, state="dropped")
        for n in range(1, 500)
    )
    cells = watching.cells(job.id)
    assert len(cells) <= 200
    assert sum(cell.chunks for cell in cells) == 500
    assert [cell.state for cell in cells].count("waiting") == 1


def test_the_pace_is_a_line_with_its_table(browser: Client, submit: Submit, settings) -> None:
    settings.CARDGEN_CHUNK_CARDS = 10
    job = submit(count=50)
    begun = job.created_at
    Job.objects.filter(id=job.id).update(started_at=begun, produced=45)
    for passed, chunk in zip((1, 2, 3, 5), job.chunks.order_by("id"), strict=False):
        done_at = begun + timedelta(seconds=passed)
        job.chunks.filter(id=chunk.id).update(state="done", produced=10, done_at=done_at)
    page = page_of(browser, job)
    assert '<polyline points="0.0,4.0 600.0,4.0"' in page
    part = page[page.index('id="pace-table"') : page.index('id="chunks"')]
    assert re.findall(r'<td class="number">([0-9.,]+)</td>', part) == ["20", "8", "20", "8"]
    assert "5 more cards came in before the times of chunks were kept" in page


def test_cards_that_came_in_since_the_job_was_read_are_not_fewer_than_none(
    submit: Submit, settings
) -> None:
    settings.CARDGEN_CHUNK_CARDS = 10
    job = submit(count=50)
    Job.objects.filter(id=job.id).update(started_at=job.created_at, produced=30)
    read = Job.objects.get(id=job.id)
    for passed, chunk in zip((1, 2, 3, 5), job.chunks.order_by("id"), strict=False):
        done_at = job.created_at + timedelta(seconds=passed)
        job.chunks.filter(id=chunk.id).update(state="done", produced=10, done_at=done_at)
    assert pace_of(read)["untimed"] == 0


def test_a_job_of_a_moment_has_no_pace(browser: Client, submit: Submit) -> None:
    assert "polyline" not in page_of(browser, made(submit, count=2))
