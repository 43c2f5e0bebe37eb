"""The stand-alone reader, on exported files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from tests.bloom.cards import exported, issue, pans_of, window_of
from uniqueness.bloom.sealing import seal

READER = settings.BASE_DIR / "docs" / "bloom_reader.py"


def read(files: list[Path], numbers: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-I", "-S", READER, *files],
        input="\n".join(numbers),
        capture_output=True,
        text=True,
        timeout=30,
    )


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
    assert answer.stderr == "1 of 2 filters may lack the newest cards\n"


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
