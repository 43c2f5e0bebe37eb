"""No card number is kept with a reason, wherever a reason is given."""

import pytest

from uniqueness.numbers import holds_card_number
from uniqueness.trail import require_reason
from uniqueness.trail.writing import PanInReason


@pytest.mark.parametrize(
    "written",
    [
        *("4539578763621486", "4539 5787 6362 1486", "4539-5787-6362-1486"),
        *("4539  5787 6362\n1486", "4539\u00a05787\u00a06362\u00a01486", "4539.5787.6362.1486"),
        *("3714 496353 98431", "2026 4539 5787 6362 1486", "x4539578763621486x"),
    ],
)
def test_a_card_number_is_seen_in_every_usual_writing(written):
    assert holds_card_number(f"list of the acquirer: {written} is wrong")
    with pytest.raises(PanInReason) as refusal:
        require_reason(f"list of the acquirer: {written} is wrong")
    assert "4539" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "contract 12 of 2026-11-27 10:15", "ticket 4539578763621487", "call +49 30 1234567"),
        *("from 20.000.000 to 30.000.000", "1732400000-1732499999", "id 45395787636214861234567"),
    ],
)
def test_other_figures_may_stand_there(text):
    assert not holds_card_number(text)
