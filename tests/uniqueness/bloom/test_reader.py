"""The stand-alone reader, on exported files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from tests.uniqueness.bloom.cards import exported, issue, pans_of, window_of
from uniqueness.bloom.sealing import seal

READER = settings.BASE_DIR / "docs" / "bloom_reader.py"


def run(files: list[Path], text: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-S", READER, *files]
    return subprocess.run(command, input=text, capture_output=True, timeout=30)


def read(files: list[Path], numbers: list[str]) -> subprocess.CompletedProcess[str]:
    answer = run(files, "\n".join(numbers).encode())
    texts = answer.stdout.decode(), answer.stderr.decode()
    return subprocess.CompletedProcess(answer.args, answer.returncode, *texts)


def test_the_reader_finds_our_numbers_among_others(cards, big_range, tmp_path):
    files = exported(tmp_path / "new")
    others = pans_of(big_range, first=1_000, count=2_000)
    asked = [pan.decode() for pan in np.concatenate([cards, others])]
    answer = read(files, [*asked, "4111 1111 1111 1111", "", "x" * 50, "99999800000000"])
    found = answer.stdout.split()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert found[:500] == asked[:500]
    assert len(found) < 510


def test_the_reader_ignores_spaces_and_dashes(cards, tmp_path):
    number = cards[0].decode()
    spaced = f"  {number[:4]}-{number[4:10]} {number[10:]} "
    assert read(exported(tmp_path), [spaced]).stdout == f"{number}\n"


def test_the_reader_finds_negative_cards_by_their_own_numbers(big_range, tmp_path):
    odd = np.array([b"99990000", b"99999800000000000", b"9999980O0000ABCD", b"1234567890123456789"])
    issue(big_range, count=4, pans=odd)
    seal(window_of(big_range))
    asked = [pan.decode() for pan in odd]
    assert read(exported(tmp_path), asked).stdout.split() == asked


def test_the_reader_says_which_filters_may_lack_cards(big_range, tmp_path):
    pans = issue(big_range, count=10)
    issue(big_range, first=10**6, count=10)
    seal(window_of(big_range, 1))
    answer = read(exported(tmp_path), [pans[0].decode()])
    assert answer.stdout.split() == [pans[0].decode()]
    assert answer.stderr == (
        "1 of 2 filters may lack cards: cards are still made in their windows."
        " Export them again later.\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        b"caf\xe9\n%b\n",
        b"\xef\xbb\xbf%b\n",
        b"\xc2\xa0%b\xc2\xa0\r\n",
        "\u00e9\u0664\n%b".encode(),
    ],
    ids=["Latin-1", "byte order mark", "no-break spaces", "letters"],
)
def test_the_reader_finds_numbers_in_text_of_any_kind(cards, tmp_path, text):
    number = cards[0]
    answer = run(exported(tmp_path), text.replace(b"%b", number))
    assert (answer.returncode, answer.stderr, answer.stdout.split()) == (0, b"", [number])


def test_the_reader_ignores_no_break_spaces_and_long_dashes(cards, tmp_path):
    number = cards[0].decode()
    spaced = f"{number[:4]}\u00a0{number[4:8]}\u2013{number[8:]}\n"
    assert run(exported(tmp_path), spaced.encode()).stdout.decode() == f"{number}\n"


@pytest.mark.parametrize("header", [b"[]", b"{}", b'{"digest": 1}', b"null"])
def test_the_reader_refuses_a_header_that_is_not_a_filters(cards, tmp_path, header):
    (file,) = exported(tmp_path)
    file.write_bytes(b"CGBLOOM1" + len(header).to_bytes(4, "little") + header + bytes(2**21))
    answer = read([file], [])
    assert answer.returncode == 2
    assert "header is not that of a filter" in answer.stderr


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:-1], "cut short"),
        (lambda content: content + b"x", "too long"),
        (lambda content: content[:9], "does not begin"),
        (lambda content: b"PK" + content[2:], "does not begin"),
        (lambda content: content[:13] + b"\xff" + content[14:], "header is damaged"),
        (lambda content: content[:-100] + bytes([content[-100] ^ 1]) + content[-99:], "damaged"),
    ],
)
def test_the_reader_refuses_a_damaged_file(cards, tmp_path, spoil, message):
    (file,) = exported(tmp_path)
    file.write_bytes(spoil(file.read_bytes()))
    answer = read([file], [])
    assert answer.returncode == 2
    assert message in answer.stderr


def test_the_reader_without_files_shows_how_it_is_used():
    answer = read([], [])
    assert answer.returncode == 2
    assert "FILE" in answer.stderr
