"""Places: never more than promised, whoever asks at the same moment."""

from tests.support.threads import at_once
from toolkit.streams import Seat, Seats


def test_places_are_never_taken_by_more_than_there_are():
    places = Seats(5)
    taken = at_once(20, lambda _: places.take())
    assert sum(isinstance(one, Seat) for one in taken) == 5
    assert taken.count(None) == 15


def test_one_user_cannot_take_the_places_of_all():
    places = Seats(3, of_one=2)
    mine = [places.take("me") for _ in range(3)]
    assert mine[2] is None
    assert places.take("you")
    with mine[0]:
        assert places.take("me") is None
    assert places.take("me")


def test_a_place_that_nobody_holds_any_more_is_free():
    places = Seats(1)
    assert places.take()
    held = places.take()
    assert held
    assert places.take() is None
