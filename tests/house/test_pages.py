"""Links of the pages lead somewhere, every page is in a group, one thing has one word."""

from cardgen.overview import GROUPS
from docs import check_pages, prose
from docs.building import _with_files


def test_the_pages_have_no_problem():
    assert [*check_pages.problems()] == []


def test_problems_are_found(tmp_path):
    (tmp_path / "other.md").write_text("# Other\n\n## What's new\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[right](other.md#whats-new) [no page](none.md) [no anchor](other.md#old)\n"
        "[other.md](other.md)\n"
        "A vendor mints. `vendor`\n```\na gateway, and [a link](nowhere.md)\n```\n"
    )
    assert [*check_pages._of(page)] == [
        "there is no none.md",
        "other.md has no #old",
        "a link says what is there, not other.md",
        "vendor: the word is scheme",
    ]
    assert [*check_pages._of(page, for_users=True)][-1] == "mints: the word is issue"


def test_a_long_sentence_is_found_and_a_long_table_is_none():
    short, long = (" ".join(["one"] * many) for many in (prose.LONGEST, prose.LONGEST + 1))
    assert [*prose.long_sentences(f"{short}. {short}.\n\n| {long} |\n")] == []
    assert len([*prose.long_sentences(f"{short}. {long}.")]) == 1


def test_no_page_may_have_a_long_sentence(tmp_path):
    page = tmp_path / "0001-a-decision.md"
    page.write_text("# Title\n\n" + " ".join(["one"] * (prose.LONGEST + 1)) + ".\n")
    assert [*check_pages._of(page)] == ["39 words in a sentence: one one one one one one one one …"]


def test_scripts_of_the_site_are_files(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "below").mkdir()
    page = tmp_path / "below" / "page.html"
    page.write_text('<script src="a.js"></script><script>\nwork()</script>')
    before, _, after = _with_files(page, tmp_path).partition("</script>")
    assert before == '<script src="a.js">'
    name = after.removeprefix('<script src="../').removesuffix('"></script>')
    assert (tmp_path / name).read_text() == "\nwork()"


def test_commands_and_the_reference_say_issue():
    """As the pages for users do; `cards:mint` is the scope's name."""
    listed = " ".join(what for group in GROUPS.values() for what in group.values())
    reference = (check_pages.DOCS / "openapi.yaml").read_text().replace("cards:mint", "")
    for text in (listed, reference):
        assert [*prose.wrong_words(text, check_pages.USERS_WORDS)] == []
