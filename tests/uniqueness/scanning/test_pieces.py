"""Texts of any length, cut into pieces, have the same numbers in the same places."""

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
import zlib

import pytest

from tests.uniqueness.scanning.texts import UNKNOWN, UNKNOWN_AMEX, hits_in
from toolkit.reading import UnreadableFile
from uniqueness.scanning import characters, scan
from uniqueness.scanning.pieces import AROUND, pieces

OVERLAPPING = "4929 4637 4522 4444 4572"
"""Two Visa numbers by their looks, with three groups in common."""
PIECES = [
    *(UNKNOWN, "4929-1234-5678-1236", "3714 496353 98456", f"a{UNKNOWN}f", f"0.{UNKNOWN}"),
    *("00000000-4929-1234-5678-123456789012", f"{UNKNOWN}D29082011234", "1732400000000"),
    *("\n", "\n", " ", "x", '","', "-", "\r\n", "é", "word " * 30, "9" * 200),
]


@pytest.mark.parametrize("read", [13, 64, 100, 1_000])
def test_the_cut_does_not_matter(db, monkeypatch, read):
    chosen = random.Random(read)
    text = "|".join(chosen.choices(PIECES, k=400))
    whole = hits_in(text)
    monkeypatch.setattr(characters, "READ", read)
    assert hits_in(text) == whole
    assert len(whole) > 30


def test_overlapping_numbers_are_told_once_wherever_the_cut_is(db, monkeypatch):
    groups = OVERLAPPING.split()
    halves = "".join(groups[:4]), "".join(groups[1:])
    assert all(len(hits_in(half)) == 1 for half in halves)
    for read in range(80, 100):
        monkeypatch.setattr(characters, "READ", read)
        text = f"{'x' * 4_096}{'y' * 20}{OVERLAPPING}{'z' * 200}"
        assert [hit.number for hit in hits_in(text)] == [halves[0]]


def test_every_place_has_its_line_and_column(db, monkeypatch):
    monkeypatch.setattr(characters, "READ", 50)
    text = "".join(f"{'x' * (line % 90)} {UNKNOWN}\n" for line in range(200))
    assert [(hit.line, hit.column) for hit in hits_in(text)] == [
        (line + 1, line % 90 + 2) for line in range(200)
    ]


def test_a_very_long_line_is_scanned(db):
    text = "ab," * 1_000_000 + UNKNOWN + "," * 2_000_000 + UNKNOWN_AMEX
    assert [(hit.line, hit.column) for hit in hits_in(text)] == [(1, 3_000_001), (1, 5_000_017)]


def test_endless_digits_are_no_number(db, monkeypatch):
    monkeypatch.setattr(characters, "READ", 1_000)
    assert hits_in(UNKNOWN * 3_000) == []
    assert hits_in(" ".join(["12"] * 30_000)) == []


def test_pieces_are_no_longer_than_what_is_read():
    text = b"4 " * 2_000_000
    chunks = (text[start : start + 1_000] for start in range(0, len(text), 1_000))
    longest = max(len(piece.text) for piece in pieces(chunks))
    assert longest < 4_096 + 1_000 + 4 * AROUND


def test_memory_does_not_grow_with_the_text(db):
    def peak(megabytes: int) -> int:
        tracemalloc.reset_peak()
        found = sum(len(hits) for hits in scan(_Repeated(megabytes=megabytes)))
        assert found > 950 * megabytes
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(3)
        assert peak(24) < 1.1 * peak(6)
    finally:
        tracemalloc.stop()


class _Repeated:
    """Megabytes of log, a number in each kilobyte."""

    def __init__(self, *, megabytes: int) -> None:
        lines = b"2026-11-24 01:35:19,123 INFO id=1732400000000\n" * 22 + UNKNOWN.encode() + b"\n"
        self._block, self._left = lines * (1_048_576 // len(lines)), megabytes

    def read(self, size: int, /) -> bytes:
        if size < len(self._block):
            return self._block[:size]
        self._left -= 1
        return self._block if self._left >= 0 else b""


class Torn:
    """A stream that fails after its first bytes."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def read(self, size: int, /) -> bytes:
        if not self._text:
            raise UnreadableFile("the disk is gone")
        text, self._text = self._text, b""
        return text


def test_what_came_before_a_failure_is_told(db):
    hits = scan(Torn(UNKNOWN.encode()))
    assert [hit.number for hit in next(hits)] == [UNKNOWN]
    with pytest.raises(UnreadableFile, match="the disk is gone"):
        next(hits)


@pytest.mark.parametrize("spoil", [lambda packed: packed[:-200], lambda packed: packed + b"x" * 99])
def test_damaged_gzip_data_is_told_after_what_it_held(db, spoil):
    text = b"".join(b"%d" % number for number in random.Random(1).choices(range(9**9), k=9_000))
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(UNKNOWN.encode() + b"\n" + text) + packer.flush()
    hits = scan(io.BytesIO(spoil(packed)))
    assert [hit.number for hit in next(hits)] == [UNKNOWN]
    with pytest.raises(UnreadableFile, match="damaged or ends too early"):
        list(hits)


@pytest.mark.parametrize(
    "magic",
    [
        *(b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"Rar!\x1a\x07\0"),
        *(b"PGDMP\1", b"PAR1", b"%PDF-1.7", b"\x1f\x9d"),
    ],
)
def test_other_packed_files_are_not_called_clean(db, magic):
    with pytest.raises(UnreadableFile, match="unpack it first"):
        list(scan(io.BytesIO(magic + b"...")))
    with pytest.raises(UnreadableFile, match="unpack it first"):
        list(scan(io.BytesIO(gzip.compress(magic + b"..."))))


def test_what_is_packed_without_end_is_not_called_clean(db):
    packed = UNKNOWN.encode()
    for _ in range(5):
        packed = gzip.compress(packed)
    with pytest.raises(UnreadableFile, match="packed 4 times or more"):
        list(scan(io.BytesIO(packed)))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_packed_data_that_ends_too_early_are_told_so(db, pack):
    with pytest.raises(UnreadableFile, match="damaged or ends too early"):
        list(scan(io.BytesIO(pack(UNKNOWN.encode() * 9)[:-6])))


@pytest.mark.parametrize("read", range(13, 60))
def test_no_cut_hides_a_wide_or_an_encoded_number(db, monkeypatch, read):
    monkeypatch.setattr(characters, "READ", read)
    wide = bytes(range(200, 256)) + f"xy {UNKNOWN} z".encode("utf-16-le")
    assert [hit.number for hit in hits_in(wide)] == [UNKNOWN]
    assert [hit.number for hit in hits_in(f"{'abc' * 20}%2522{UNKNOWN}%22")] == [UNKNOWN]
