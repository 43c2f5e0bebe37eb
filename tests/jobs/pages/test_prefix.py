"""Behind a proxy that puts a path before all, every address of a page begins with it.

Those of static files, too; Django finds them out once, in tests before any request.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_script_prefix, set_script_prefix

from tests.support.fixtures import Submit
from tests.support.work import mint_one_chunk


@pytest.fixture
def behind_a_path() -> Iterator[None]:
    """What the server sets of a request that came through such a proxy."""
    before = get_script_prefix()
    set_script_prefix("/cards/")
    yield
    set_script_prefix(before)


@pytest.mark.parametrize("path", ["/", "/jobs", "/overview", "/ranges", "/design", "/jobs/{job}"])
def test_every_address_follows_the_path(
    browser: Client, submit: Submit, behind_a_path: None, path: str
):
    job = submit(count=1)
    mint_one_chunk(job)
    page = browser.get(path.format(job=job.id)).content.decode()
    named = re.findall(r'(?:href|src|action|data-(?:root|row|outcome|preview))="([^"]*)"', page)
    assert 'data-root="/cards/"' in page
    assert {one for one in named if not one.startswith(("/cards/", "/static/", "#", "?"))} == set()
