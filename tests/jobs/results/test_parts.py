"""Parts of a file: `Range`, `If-Range`, `ETag`, over the API."""

import gzip
import hashlib
from datetime import timedelta

import pytest

from generation.fields import FIELDS
from generation.kernel.details import Details
from jobs import results, upkeep, work
from jobs.models import Chunk, Job
from jobs.orders import ItemOrder
from jobs.results import DELIMITERS, FORMS, Layout, ResultFile, cards
from jobs.results import index as file_index
from jobs.results.cards import CardsPurged, ResultChanged
from jobs.results.file_forms import FILE_FORMS
from jobs.results.text_forms import TEXT_FORMS
from tests.support.answers import assert_problem, body_of
from tests.support.fixtures import register
from toolkit.valkey.connections import client
from uniqueness.models import Card

FIXED = "fields=pan,expiry,cvv"
QUERIES = ["format=csv", f"format=csv&{FIXED}", "format=sql", "format=gitleaks", "format=ndjson"]


@pytest.fixture
def finished(submit, settings) -> Job:
    """A finished job of 250 cards in three chunks."""
    return run(submit, settings)


def run(submit, settings, **changes) -> Job:
    settings.CARDGEN_CHUNK_CARDS = 100
    job = submit(**{"count": 250} | changes)
    work.work(duration=timedelta(seconds=60))
    job.refresh_from_db()
    assert job.status == "succeeded"
    return job


def url(job: Job, query: str = "format=csv") -> str:
    return f"/api/v1/cards/jobs/{job.id}/result?{query}"


def file_of(job: Job, form: str = "csv", *, after: str = "", **layout) -> ResultFile:
    layout = {"fields": ("pan", "expiry")} | layout
    return ResultFile(job=job, form_name=form, layout=Layout(**layout), after=after)


@pytest.mark.parametrize("query", QUERIES)
def test_parts_of_any_place_are_the_bytes_of_the_whole(api, finished, query):
    whole = body_of(api.get(url(finished, query)))
    size = len(whole)
    for first, last in [(0, 0), (5, 60), (90, size // 2), (size // 3, size - 2), (size - 3, size)]:
        part = api.get(url(finished, query), HTTP_RANGE=f"bytes={first}-{last}")
        assert part.status_code == 206
        assert body_of(part) == whole[first : last + 1]
        assert part["Content-Range"] == f"bytes {first}-{min(last, size - 1)}/{size}"
        assert part["Content-Length"] == str(min(last, size - 1) - first + 1)


@pytest.mark.parametrize("query", QUERIES)
def test_a_broken_download_is_resumed_where_it_broke(api, finished, query):
    begun = api.get(url(finished, query))
    whole = body_of(begun)
    for place in (1, len(whole) // 2, len(whole) - 1):
        headers = {"HTTP_RANGE": f"bytes={place}-", "HTTP_IF_RANGE": begun["ETag"]}
        assert whole[:place] + body_of(api.get(url(finished, query), **headers)) == whole


def test_the_last_bytes_can_be_asked_for(api, finished):
    whole = body_of(api.get(url(finished)))
    assert body_of(api.get(url(finished), HTTP_RANGE="bytes=-10")) == whole[-10:]
    assert body_of(api.get(url(finished), HTTP_RANGE="bytes=-999999999")) == whole


@pytest.mark.parametrize(
    "wanted", [f"bytes={10**20}-", "bytes=99999999-", "bytes=-0", "bytes=99999998-99999999"]
)
def test_a_part_behind_the_end_is_416_and_says_the_size(api, finished, wanted):
    size = len(body_of(api.get(url(finished))))
    refused = api.get(url(finished), HTTP_RANGE=wanted)
    assert_problem(refused, 416, "range_not_satisfiable")
    assert refused["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,5-6", "bytes=5-2", "cards=0-5", "bytes=-", "bytes=x-", "bytes=١-", "0-5"]
)
def test_what_is_no_single_byte_range_gets_the_whole(api, finished, wanted):
    response = api.get(url(finished), HTTP_RANGE=wanted)
    assert response.status_code == 200
    assert body_of(response) == body_of(api.get(url(finished)))


@pytest.mark.parametrize("tag", ['"other"', "Tue, 24 Nov 2026 00:00:00 GMT"])
def test_another_file_than_the_one_begun_is_sent_whole(api, finished, tag):
    assert api.get(url(finished), HTTP_RANGE="bytes=5-", HTTP_IF_RANGE=tag).status_code == 200


def test_a_file_that_was_begun_packed_is_sent_packed_and_whole(api, finished):
    packed = api.get(url(finished), HTTP_ACCEPT_ENCODING="gzip")
    for more in ({}, {"HTTP_IF_RANGE": packed["ETag"]}):
        again = api.get(url(finished), HTTP_ACCEPT_ENCODING="gzip", HTTP_RANGE="bytes=5-", **more)
        assert (again.status_code, again["Content-Encoding"]) == (200, "gzip")
        assert gzip.decompress(body_of(again)) == body_of(api.get(url(finished)))


def test_a_plain_file_is_resumed_by_a_client_that_takes_gzip_too(api, finished):
    plain = api.get(url(finished))
    headers = {"HTTP_RANGE": "bytes=5-", "HTTP_IF_RANGE": plain["ETag"]}
    part = api.get(url(finished), HTTP_ACCEPT_ENCODING="gzip", **headers)
    assert part.status_code == 206
    assert "Content-Encoding" not in part
    assert body_of(part) == body_of(plain)[5:]


@pytest.mark.parametrize("form", ["xlsx", "format=csv&after"])
def test_files_that_cannot_be_parted_say_so(api, finished, form):
    after = api.get(url(finished, "limit=5")).json()["next"].rpartition("after=")[2]
    query = f"format=csv&after={after}" if "after" in form else f"format={form}"
    response = api.get(url(finished, query), HTTP_RANGE="bytes=5-")
    assert (response.status_code, response["Accept-Ranges"]) == (200, "none")


def test_a_file_the_client_has_is_304(api, finished):
    tag = api.get(url(finished))["ETag"]
    for header in (tag, f'"x", W/{tag}', "*"):
        assert api.get(url(finished), HTTP_IF_NONE_MATCH=header).status_code == 304
    assert api.get(url(finished), HTTP_IF_NONE_MATCH='"x"').status_code == 200


def test_a_packed_file_has_a_tag_of_its_own(api, finished):
    packed = api.get(url(finished), HTTP_ACCEPT_ENCODING="gzip")["ETag"]
    assert packed != api.get(url(finished))["ETag"]
    headers = {"HTTP_ACCEPT_ENCODING": "gzip", "HTTP_IF_NONE_MATCH": packed}
    assert api.get(url(finished), **headers).status_code == 304


def test_the_tag_tells_files_apart(api, finished, submit, settings):
    queries = [*QUERIES, "format=csv&delimiter=tab", "format=csv&fields=cvv,expiry,pan"]
    tags = {api.get(url(finished, query))["ETag"] for query in queries}
    tags.add(api.get(url(run(submit, settings)))["ETag"])
    Job.objects.filter(id=finished.id).update(version=99)
    tags.add(api.get(url(finished))["ETag"])
    assert len(tags) == len(queries) + 2


def test_head_tells_what_get_would(api, finished):
    got, head = (
        api.get(url(finished, f"format=csv&{FIXED}")),
        api.head(url(finished, f"format=csv&{FIXED}")),
    )
    told, others = ({**one.headers, "X-Request-ID": ""} for one in (head, got))
    assert told == others
    assert int(head["Content-Length"]) == len(body_of(got))


def test_head_of_a_file_of_unknown_length_claims_none(api, finished):
    head = api.head(url(finished))
    assert (head.status_code, head["Accept-Ranges"]) == (200, "bytes")
    assert "Content-Length" not in head


@pytest.mark.parametrize(
    ("scheme", "iin", "length"), [("visa", "45678901", 19), ("amex", "347654", 15)]
)
@pytest.mark.parametrize("delimiter", ["comma", "semicolon", "tab"])
def test_every_field_of_fixed_width_is(submit, settings, scheme, iin, length, delimiter):
    name = register(scheme=scheme, iin=iin, pan_length=length).name
    details = Details(address="1 A ST", postcode="12345", pin_length=6)
    job = run(submit, settings, range=name, cardholder_name="A B", details=details)
    fields = tuple(name for name in FIELDS if name not in {"expiry_month", "track1"})
    file = file_of(job, fields=fields, delimiter=DELIMITERS[delimiter])
    assert file_index.parts_of(file).fixed
    counted, measured = file_index.counted(file), file_index.measured(file)
    assert counted.sizes == measured.sizes


@pytest.mark.parametrize("name", ["expiry_month", "cardholder_name", "address", "track1"])
def test_fields_that_differ_in_width_are_not_counted(finished, name):
    assert not file_index.parts_of(file_of(finished, fields=("pan", name))).fixed


def test_numbers_cut_short_are_not_counted(submit, settings):
    job = run(submit, settings, defect="too_short")
    assert not file_index.parts_of(file_of(job)).fixed


def test_cards_of_two_ranges_are_not_counted(submit, settings, api):
    items = tuple(ItemOrder(count=60, scheme=scheme) for scheme in ("visa", "mastercard"))
    job = run(submit, settings, items=items)
    assert not file_index.parts_of(file_of(job)).fixed
    whole = body_of(api.get(url(job, f"format=csv&{FIXED}")))
    part = api.get(url(job, f"format=csv&{FIXED}"), HTTP_RANGE="bytes=1000-")
    assert body_of(part) == whole[1000:]


def test_cards_of_slots_chosen_by_hand_are_counted_too(submit, settings):
    file = file_of(run(submit, settings, distinct_last_four=True))
    assert file_index.counted(file).sizes == file_index.measured(file).sizes


def test_a_part_reads_its_own_chunks_and_no_others(finished, django_assert_num_queries):
    file = file_of(finished)
    index = file_index.counted(file)
    chunks = Chunk.objects.filter(job=finished).order_by("id")
    first = chunks[0]
    Card.objects.filter(slot__gte=first.first_slot, slot__lt=first.end_slot).update(cvv="1")
    at = sum(index.sizes[:2])
    part = b"".join(file_index.part(file, index, first=at, last=at + 99))
    assert len(part) == 100


def test_a_file_that_is_not_the_one_measured_is_cut_off(finished):
    file = file_of(finished)
    index = file_index.counted(file)
    Card.objects.filter(slot=Chunk.objects.filter(job=finished).first().first_slot).delete()
    with pytest.raises(ResultChanged):
        b"".join(file_index.part(file, index, first=0, last=index.size - 1))


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_file_whose_cards_are_deleted_meanwhile_does_not_end_as_if_it_were_whole(finished, form):
    pieces = file_of(finished, form, fields=("pan", "expiry_month")).pieces()
    next(pieces)
    list(upkeep.purge_cards(finished))
    with pytest.raises(ResultChanged):
        list(pieces)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_file_that_goes_on_within_a_chunk_does_not_end_early_either(finished, form):
    (first, *_) = results.blocks(finished, slots=10)
    last = Chunk.objects.filter(job=finished).latest("id")
    after = f"{last.pk}.{last.first_slot}" if last.pk != first.chunk_id else first.cursor
    pieces = file_of(finished, form, after=after).pieces()
    list(upkeep.purge_cards(finished))
    with pytest.raises(ResultChanged):
        list(pieces)


def test_a_part_in_a_chunk_that_has_lost_cards_is_not_sent_to_its_end(finished, monkeypatch):
    monkeypatch.setattr(cards, "_SLOTS_AT_ONCE", 10)
    file = file_of(finished)
    index = file_index.counted(file)
    last = Chunk.objects.filter(job=finished).earliest("id").end_slot - 1
    Card.objects.filter(slot=last).delete()
    sent: list[bytes] = []
    with pytest.raises(ResultChanged):
        sent.extend(file_index.part(file, index, first=0, last=500))
    assert len(b"".join(sent)) < 501


def test_a_page_of_cards_that_are_deleted_meanwhile_says_so(finished):
    list(upkeep.purge_cards(Job.objects.get()))
    assert finished.purged_at is None
    with pytest.raises(CardsPurged):
        results.page(finished, limit=1_000)


@pytest.mark.parametrize("form", sorted(TEXT_FORMS.keys() - {"sql", "mysql"}))
def test_blocks_of_any_size_make_the_same_file(finished, monkeypatch, form):
    first = file_of(finished, form)
    content, index = b"".join(first.pieces()), file_index.measured(first)
    monkeypatch.setattr(cards, "_SLOTS_AT_ONCE", 7)
    Job.objects.update(version=99)
    again = file_of(Job.objects.get(), form)
    assert b"".join(again.pieces()) == content
    assert file_index.measured(again) == index


@pytest.mark.parametrize("form", sorted(FILE_FORMS))
def test_a_file_that_is_written_first_can_be_given_up_after_any_block(finished, form, settings):
    pieces = file_of(finished, form).pieces()
    assert [next(pieces) for _ in range(3)] == [b""] * 3
    assert list(settings.CARDGEN_SPOOL.iterdir())
    del pieces
    assert not list(settings.CARDGEN_SPOOL.iterdir())


@pytest.mark.parametrize("form", sorted(TEXT_FORMS))
def test_the_sum_is_the_one_of_the_file(api, finished, form):
    answer = api.get(f"/api/v1/cards/jobs/{finished.id}/result/sha256?format={form}")
    whole = api.get(url(finished, f"format={form}"))
    name = whole["Content-Disposition"].split('"')[1]
    assert answer.content.decode() == f"{hashlib.sha256(body_of(whole)).hexdigest()}  {name}\n"


def test_a_sum_is_computed_once(api, finished, django_assert_max_num_queries):
    place = f"/api/v1/cards/jobs/{finished.id}/result/sha256?{FIXED}"
    first = api.get(place)
    Card.objects.update(cvv="1")  # nobody looks
    assert api.get(place).content == first.content
    assert api.get(place, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304


@pytest.mark.parametrize("query", ["format=xlsx", "format=json", "delimiter=x", "fields=x"])
def test_a_wrong_sum_is_told_why(api, finished, query):
    answer = api.get(f"/api/v1/cards/jobs/{finished.id}/result/sha256?{query}")
    assert_problem(answer, 400, "invalid_request")


def test_a_sum_has_the_rights_and_the_state_of_its_job(api, submit, finished, other_user):
    unfinished = submit()
    place = f"/api/v1/cards/jobs/{unfinished.id}/result/sha256"
    assert_problem(api.get(place), 409, "job_unfinished")
    Job.objects.update(owner=other_user)
    assert_problem(api.get(place), 404, "not_found")


def kept() -> dict[bytes, object]:
    """Return the values that all processes share, by name."""
    return {name: client().get(name) for name in client().scan_iter("cardgen:shared:*")}


def test_one_user_pushes_out_no_more_than_their_own_indexes(submit, other_user, settings):
    client().flushdb()
    others = run(submit, settings)
    Job.objects.filter(pk=others.pk).update(owner=other_user)
    others.refresh_from_db()
    file_index.measured(file_of(others))
    before, mine = kept(), run(submit, settings)
    for first in FIELDS:
        file_index.measured(file_of(mine, fields=(first, "expiry")))
    assert before.items() < kept().items()
    assert len(kept()) - len(before) <= file_index.PLACES < len(FIELDS)


def test_indexes_that_share_a_place_are_never_taken_for_one_another(finished, monkeypatch):
    monkeypatch.setattr(file_index, "PLACES", 1)
    files = [file_of(finished, fields=fields) for fields in (("pan",), ("pan", "expiry"))]
    sizes = [file_index.measured(file).size for file in files * 2]
    assert sizes == [sum(map(len, file.pieces())) for file in files * 2]
