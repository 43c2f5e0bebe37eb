"""Behind a proxy that puts a path before all, every address of a page begins with it."""

import re

import pytest
from django.test import Client

from tests.support.fixtures import Submit
from tests.support.work import mint_one_chunk


@pytest.mark.parametrize("path", ["/", "/jobs", "/overview", "/design", "/jobs/{job}"])
def test_every_address_follows_the_path(browser: Client, submit: Submit, path: str):
    job = submit(count=1)
    mint_one_chunk(job)
    page = browser.get(path.format(job=job.id), SCRIPT_NAME="/cards").content.decode()
    named = re.findall(r'(?:href|src|action|data-(?:root|row|outcome|preview))="([^"]*)"', page)
    assert 'data-root="/cards/"' in page
    assert {one for one in named if not one.startswith(("/cards/", "#", "?"))} == set()
