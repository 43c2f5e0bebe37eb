"""Links of the pages lead somewhere, every page is in a group, one thing has one word."""

from docs import check_pages
from docs.building import _with_files


def test_the_pages_have_no_problem():
    assert [*check_pages.problems()] == []


def test_problems_are_found(tmp_path):
    (tmp_path / "other.md").write_text("# Other\n\n## What's new\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[right](other.md#whats-new) [no page](none.md) [no anchor](other.md#old)\n"
        "A vendor. `vendor`\n```\na gateway, and [a link](nowhere.md)\n```\n"
    )
    assert [*check_pages._of(page)] == [
        "there is no none.md",
        "other.md has no #old",
        "vendor: the word is scheme",
    ]


def test_scripts_of_the_site_are_files(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "below").mkdir()
    page = tmp_path / "below" / "page.html"
    page.write_text('<script src="a.js"></script><script>\nwork()</script>')
    before, _, after = _with_files(page, tmp_path).partition("</script>")
    assert before == '<script src="a.js">'
    name = after.removeprefix('<script src="../').removesuffix('"></script>')
    assert (tmp_path / name).read_text() == "\nwork()"
