"""The pages at /docs: plain where no site was built, the site where one was."""

import pytest
from django.conf import settings
from django.test import Client

from cardgen.manual import contents

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain(settings, tmp_path):
    """As in a fresh clone: no site was built."""
    (tmp_path / "docs").symlink_to(settings.DOCS)
    (tmp_path / "index.md").write_text(
        "# First\n\n## Start\n\n* [Jobs](jobs.md), see [quotas](jobs.md#quotas)\n"
    )
    (tmp_path / "jobs.md").write_text("# Jobs\n\n## Who, and how?\n\n[back](index.md)\n")
    settings.DOCS = tmp_path
    return Client()


@pytest.fixture
def every_page(settings, tmp_path):
    """The real pages, whether a site was built of them or not."""
    for path in settings.DOCS.iterdir():
        if path.name != "_site":
            (tmp_path / path.name).symlink_to(path)
    settings.DOCS = tmp_path
    return Client()


def test_it_begins_with_the_first_page(plain):
    assert plain.get("/docs").headers["Location"] == "/docs/index.html"


def test_a_page_has_the_groups_and_links_to_pages(plain):
    page = plain.get("/docs/index.html").content.decode()
    assert '<a href="jobs.html">Jobs</a>' in page
    assert '<a href="jobs.html#quotas">quotas</a>' in page


def test_headings_have_the_anchors_of_github(plain):
    assert '<h2 id="who-and-how">' in plain.get("/docs/jobs.html").content.decode()


def test_machines_get_markdown(plain):
    assert plain.get("/docs/jobs.md").content.startswith(b"# Jobs\n")
    assert plain.get("/docs/llms.txt").content.startswith(b"# First\n\n> ")


@pytest.mark.parametrize("path", ["no.html", "no.md", "../manage.py", "%2e%2e/manage.py", "docs"])
def test_there_is_nothing_else(plain, path):
    assert plain.get(f"/docs/{path}").status_code == 404


def test_the_site_is_shown_where_it_was_built(plain, settings):
    (settings.DOCS / "_site").mkdir()
    (settings.DOCS / "_site" / "index.html").write_text("built")
    response = plain.get("/docs/index.html")
    assert response.content == b"built"
    assert "script-src 'self';" in response.headers["Content-Security-Policy"] + ";"
    assert plain.get("/docs/jobs.html").status_code == 404


def test_every_page_can_be_shown(every_page):
    names = [name for group in contents.groups(settings.DOCS) for name, _ in group.pages]
    names += [f"decisions/{path.stem}" for path in settings.DOCS.glob("decisions/*.md")]
    assert {every_page.get(f"/docs/{name}.html").status_code for name in names} == {200}


def test_all_decisions_are_listed(every_page):
    page = every_page.get("/docs/decisions.html").content.decode()
    for path in settings.DOCS.glob("decisions/*.md"):
        assert f'href="decisions/{path.stem}.html"' in page
