"""Ask `check` in every way there is."""

from uniqueness.check import check


def states(numbers: list[str]) -> list[str]:
    """Ask with every hint, again when they have learnt, and without any: all must agree."""
    asked = [check(numbers), check(numbers), check(numbers, hints=False)]
    answers = [[(found.state, found.slot, found.owner) for found in one] for one in asked]
    assert answers[0] == answers[1] == answers[2]
    return [found.state for found in asked[0]]
