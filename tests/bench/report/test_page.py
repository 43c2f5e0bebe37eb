"""Figures go into files, and into the marked block of a page."""

import json
from xml.etree import ElementTree

import pytest

from bench.report import page
from bench.report.chart import THEMES as _THEMES
from bench.report.report import Report
from bench.row import Row


def test_a_run_leaves_a_page_data_and_plots_in_both_themes(make_report, tmp_path):
    page.save(make_report(), folder=tmp_path / "out")
    found = {file.name for file in (tmp_path / "out").iterdir()}
    plots = {f"bench-{name}-{theme}.svg" for name in ("rate", "p50", "p99") for theme in _THEMES}
    assert found == {"report.md", "report.json"} | plots


def test_the_data_are_all_that_was_measured(make_report, tmp_path):
    report = make_report()
    page.save(report, folder=tmp_path)
    data = json.loads((tmp_path / "report.json").read_text())
    assert [row["key"] for row in data["rows"]] == [row.key for row in report.rows]
    assert data["machine"]["cpu"] == "Abacus 7"
    assert data["rows"][0].keys() >= {"ours", "theirs", "value", "spread", "aim", "met"}


def test_only_the_marked_block_of_a_page_is_written(make_report, tmp_path):
    file = tmp_path / "page.md"
    file.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    for _ in range(2):
        page.write_into(file, make_report())
    text = file.read_text()
    assert text.startswith(f"before\n{page.BEGIN}\n")
    assert text.endswith(f"{page.END}\nafter\n")
    assert "old" not in text
    assert text.count("Abacus 7") == 1


def test_a_page_names_plots_that_are_there(make_report, tmp_path):
    file = tmp_path / "page.md"
    file.write_text(f"{page.BEGIN}\n{page.END}\n")
    page.write_into(file, make_report())
    for theme in _THEMES:
        assert f"images/bench-rate-{theme}.svg" in file.read_text()
        assert (tmp_path / "images" / f"bench-rate-{theme}.svg").exists()


def test_a_page_without_marks_is_refused_and_left_alone(make_report, tmp_path):
    file = tmp_path / "page.md"
    file.write_text("mine\n")
    with pytest.raises(SystemExit, match="has no place for figures"):
        page.write_into(file, make_report())
    assert file.read_text() == "mine\n"


def test_every_line_of_a_table_has_as_many_cells_as_its_head(make_report):
    text = page.block(make_report(), {}, folder="")
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) == 2
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1
    assert len(tables[1]) == 2 + 4 * 3


def test_rows_of_other_parts_need_no_load(machine):
    other = Row(key="job/5", name="job", unit="cards a second", ours=[2.0], theirs=[1.0], aim=1.0)
    text = page.block(Report(machine=machine, quick=True, rows=[other]), {}, folder="")
    assert text.count("| job |") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_plot_tells_its_values_to_those_who_cannot_see_it(make_report, tmp_path, theme):
    page.save(make_report(), folder=tmp_path)
    drawn = ElementTree.fromstring((tmp_path / f"bench-rate-{theme}.svg").read_text())
    words = [part.text for part in drawn.iter() if part.text]
    assert any("one card: 250, 250, 250" in text for text in words)
