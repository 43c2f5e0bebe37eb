"""Numbers of things, in words."""

import pytest

from toolkit.wording import counted, placed


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (counted(0, "line"), "0 lines"),
        (counted(1, "line"), "1 line"),
        (counted(1_200, "line"), "1,200 lines"),
        (counted(1, "number was", "numbers were"), "1 number was"),
        (counted(2, "number was", "numbers were"), "2 numbers were"),
        (placed("line", [3]), "line 3"),
        (placed("line", [3, 1_200]), "lines 3, 1,200"),
    ],
)
def test_one_thing_is_not_told_like_many(said, words):
    assert said == words
