"""Filters over HTTP, as files, and in the hands of the stand-alone reader."""

import json
import struct

import numpy as np
import pytest
from django.core.management import CommandError
from rest_framework.test import APIClient

from tests.support.answers import assert_problem
from tests.support.distributing import COUNTED
from tests.support.keys import MINT, READ, create_key
from tests.uniqueness.bloom.cards import exported, interrupted, issue, pans_of, window_of
from toolkit.valkey.connections import client as cache_client
from uniqueness.bloom import sbbf, store, sync
from uniqueness.bloom.sealing import seal
from uniqueness.bloom.windows import END, packed
from uniqueness.management.commands import export_bloom
from uniqueness.models import Card, WindowFilter

LIST = "/api/v1/uniqueness/bloom"


@pytest.fixture
def client(user) -> APIClient:
    """A client whose key may read and nothing else."""
    made = APIClient()
    made.credentials(HTTP_X_API_KEY=create_key(user=user, name="scanner", scopes=READ))
    return made


def parts(content: bytes) -> tuple[dict, np.ndarray]:
    """Take a file apart as docs/bloom.md says."""
    assert content[:8] == b"CGBLOOM1"
    (length,) = struct.unpack("<I", content[8:12])
    header = json.loads(content[12 : 12 + length])
    return header, np.frombuffer(content[12 + length :], dtype=np.uint8)


def download(client: APIClient, window: int = 0) -> tuple[dict, np.ndarray]:
    response = client.get(f"{LIST}/999998-16/{window}", HTTP_ACCEPT="application/octet-stream")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/octet-stream"
    return parts(response.content)


def test_a_sealed_filter_says_what_it_is(client, cards):
    header, bloom = download(client)
    row = WindowFilter.objects.get()
    assert header == {
        "range": "999998-16",
        "iin": "999998",
        "pan_length": 16,
        "window": 0,
        "prefix": cards[0][:9].decode(),
        "version": 1,
        "cards": 500,
        "strays": 0,
        "complete": True,
        "digest": bytes(row.digest).hex(),
        "created": row.sealed_at.isoformat(),
    }
    assert (bloom == sbbf.build(cards)).all()


def test_all_numbers_of_a_window_begin_with_its_prefix(client, cards, big_range):
    prefix = download(client)[0]["prefix"].encode()
    others = pans_of(big_range, first=10**6, count=10)
    assert all(pan.startswith(prefix) for pan in cards.tolist())
    assert not any(pan.startswith(prefix) for pan in others.tolist())


def test_a_window_that_still_fills_gives_all_its_cards(client, big_range):
    pans = issue(big_range, count=50)
    more = issue(big_range, first=50, count=1)
    header, bloom = download(client)
    assert (header["complete"], header["cards"], header["strays"]) == (False, 51, 0)
    assert (bloom == sbbf.build(np.concatenate([pans, more]))).all()


@pytest.mark.parametrize("spoiled", [None, bytes(2**21)], ids=["lost", "lying"])
def test_a_sealed_filter_that_is_lost_is_built_again(client, cards, big_range, spoiled):
    key = store._key(window_of(big_range), "v1")
    cache_client().delete(key)
    if spoiled:
        cache_client().set(key, spoiled)
    header, bloom = download(client)
    assert header["complete"] is True
    assert (bloom == sbbf.build(cards)).all()
    assert sync(seconds=60).sealed == 1
    assert store.stored() == [(window_of(big_range), "v2")]


def test_a_lost_filter_of_cards_that_the_ledger_lost_is_not_called_complete(client, cards):
    cache_client().flushdb()
    Card.objects.filter(pan=cards[0].decode()).delete()
    header, _ = download(client)
    assert (header["complete"], header["cards"]) == (False, 499)


@pytest.mark.parametrize("window", [1, 999, 1_000, 10**9, 10**30])
def test_a_window_without_cards_has_no_file(client, cards, window):
    assert_problem(client.get(f"{LIST}/999998-16/{window}"), 404, "not_found")


@pytest.mark.parametrize("name", ["999998", "999998-15", "123456-16", "x"])
def test_a_range_needs_its_whole_name(client, cards, name):
    assert_problem(client.get(f"{LIST}/{name}/0"), 404, "not_found")
    assert_problem(client.get(LIST, {"range": name}), 422, "unregistered_iin")


def test_filters_need_a_key_that_reads(user, cards):
    nobody, minter = APIClient(), APIClient()
    minter.credentials(HTTP_X_API_KEY=create_key(user=user, name="m", scopes=MINT))
    for path in (LIST, f"{LIST}/999998-16/0"):
        assert_problem(nobody.get(path), 401, "not_authenticated")
        assert_problem(minter.get(path), 403, "forbidden")


def test_the_list_shows_every_window_with_cards(client, cards, big_range):
    issue(big_range, first=3 * 10**6, count=1)
    first, second = client.get(LIST).json()["results"]
    assert (first["range"], first["window"], first["state"]) == ("999998-16", 0, "sealed")
    assert (first["version"], first["cards"]) == (1, 500)
    assert (second["window"], second["state"], second["digest"]) == (3, "open", None)
    assert client.get(first["file"]).status_code == 200


def test_an_unsealed_window_is_shown_as_open(client, cards, big_range):
    issue(big_range, first=700, count=1)
    (row,) = client.get(LIST).json()["results"]
    assert (row["state"], row["version"], row["digest"]) == ("open", 1, None)


@pytest.mark.parametrize("after", [-1, 0, 742_033_680, END - 1, END])
def test_a_page_behind_the_last_window_is_empty(client, big_range, after):
    issue(big_range, count=1)
    for query in ({"after": after}, {"after": after, "range": big_range.name}):
        answer = client.get(LIST, query)
        shown = [row["window"] for row in answer.json()["results"]]
        behind = after >= packed(big_range, 0)
        assert (answer.status_code, shown) == (200, [] if behind else [0])


@pytest.mark.parametrize("after", ["-2", str(END + 1), "9" * 30, "1e3", "x", "0x10", " "])
def test_what_is_no_window_is_refused(client, big_range, after):
    problem = assert_problem(client.get(LIST, {"after": after}), 400, "invalid_request")
    assert [error["pointer"] for error in problem["errors"]] == ["/after"]


def test_pages_of_the_list_miss_nothing(client, big_range, small_range):
    issue(small_range, count=1)
    for number in range(5):
        issue(big_range, first=number * 10**6, count=1)
    seen, url = [], f"{LIST}?limit=2"
    while url:
        page = client.get(url).json()
        seen += [(row["range"], row["window"]) for row in page["results"]]
        url = page["next"]
    assert seen == sorted(set(seen), key=seen.index)
    assert len(seen) == 6
    only = client.get(LIST, {"range": "999998-16"}).json()["results"]
    assert [row["window"] for row in only] == [0, 1, 2, 3, 4]


@COUNTED
def test_the_list_costs_the_same_queries_for_any_number_of_windows(
    client, big_range, django_assert_num_queries
):
    issue(big_range, count=1)
    client.get(LIST)
    for windows in (1, 20):
        for number in range(1, windows):
            issue(big_range, first=number * 10**6, count=1)
        with django_assert_num_queries(2):  # windows, ranges; and the key, by another way
            client.get(LIST)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after=x", "after=9000000000001", "windw=1"]
)
def test_a_wrong_query_is_told_why(client, cards, query):
    assert_problem(client.get(f"{LIST}?{query}"), 400, "invalid_request")


def test_exported_files_replace_older_ones_if_asked(cards, big_range, tmp_path):
    exported(tmp_path)
    issue(big_range, first=5_000, count=1)
    seal(window_of(big_range))
    (file,) = exported(tmp_path, force=True)
    assert parts(file.read_bytes())[0]["cards"] == 501
    assert [path.name for path in tmp_path.iterdir()] == ["999998-16.000000.bloom"]


def test_files_that_are_there_are_kept_and_none_is_written_beside(cards, big_range, tmp_path):
    issue(big_range, first=10**6, count=1)
    _, second = sorted(exported(tmp_path))
    (tmp_path / "999998-16.000000.bloom").unlink()
    with pytest.raises(CommandError, match=r"000001\.bloom exists, and nothing") as refused:
        exported(tmp_path)
    assert (refused.value.returncode, list(tmp_path.iterdir())) == (2, [second])


def test_exporting_an_unknown_range_is_a_bad_request(db, tmp_path):
    with pytest.raises(CommandError, match="is registered") as refused:
        exported(tmp_path, "123456-16")
    assert refused.value.returncode == 2


def test_a_folder_that_cannot_be_written_is_said(cards, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="file") as refused:
        exported(tmp_path / "file")
    assert refused.value.returncode == 2


def test_an_interrupted_export_leaves_whole_files_only(cards, tmp_path, monkeypatch):
    monkeypatch.setattr(export_bloom, "tqdm", interrupted)
    with pytest.raises(CommandError, match="whole") as refused:
        exported(tmp_path)
    assert refused.value.returncode == 130
    assert list(tmp_path.iterdir()) == []
