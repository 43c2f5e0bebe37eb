"""Other connections join an audit's moment by the name of its snapshot."""

import pytest
from django.db import ProgrammingError

from tests.support.threads import at_once
from uniqueness.proof.moment import join


@pytest.mark.parametrize("name", ["00000003-00001234-1", "00000003-0000A234-1"])
def test_a_name_that_looks_like_a_card_number_is_a_name(transactional_db, name):
    (error,) = at_once(1, lambda _: join(name))
    # PostgreSQL read it as a name, which nobody gave: 42704. A syntax error would be 42601.
    assert isinstance(error, ProgrammingError)
    assert error.__cause__.sqlstate == "42704"
