"""Alerts fire when they should, have a page each, and speak of metrics that there are."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "deploy/monitoring"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
(GROUP,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
ALERTS = {rule["alert"]: rule for rule in GROUP["rules"]}
DASHBOARDS = [json.loads(file.read_text()) for file in (FOLDER / "dashboards").iterdir()]
TOLD = set(
    re.findall(r"^\| `(cardgen_\w+)` \|", (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE)
)
EXPRESSIONS = [rule["expr"] for rule in ALERTS.values()] + [
    target["expr"] for one in DASHBOARDS for panel in one["panels"] for target in panel["targets"]
]


def promtool(*words: str, folder: Path = FOLDER) -> None:
    if shutil.which("promtool") is None and os.environ.get("CI") != "true":
        pytest.skip("promtool is not installed: apt-get install prometheus")
    done = subprocess.run(["promtool", *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_fires_when_it_should_and_not_before():
    tested = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    for one in tested:
        quiet, fires = one["alert_rule_test"]
        assert quiet["alertname"] == fires["alertname"] == one["name"]
        assert "exp_alerts" not in quiet
        assert fires["exp_alerts"]
    assert {one["name"] for one in tested} == ALERTS.keys()
    promtool("test", "rules", "alerts_test.yml")


def test_the_configuration_is_one():
    promtool("check", "config", "--syntax-only", "prometheus.yml")


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_section_on_its_page(name):
    page, _, anchor = ALERTS[name]["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^## (\w+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor == name.lower()
    assert name in headings


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_nobody_asks_for_a_metric_that_is_not_there(expression):
    for name in re.findall(r"\bcardgen_\w+", expression):
        assert re.sub(r"_(bucket|sum|count)$", "", name) in TOLD


def test_every_expression_of_the_dashboards_can_be_read(tmp_path):
    rules = [{"record": f"x:{at}", "expr": one} for at, one in enumerate(EXPRESSIONS)]
    groups = {"groups": [{"name": "all", "rules": rules}]}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(groups))
    promtool("check", "rules", "rules.yml", folder=tmp_path)


def test_dashboards_ask_the_source_that_is_set_up():
    (source,) = yaml.safe_load((FOLDER / "grafana/datasource.yml").read_text())["datasources"]
    asked = {
        target["datasource"]["uid"]
        for one in DASHBOARDS
        for panel in one["panels"]
        for target in panel["targets"]
    }
    assert asked == {source["uid"]}
    assert len({one["uid"] for one in DASHBOARDS}) == len(DASHBOARDS) == 2


@pytest.mark.parametrize("service", ["prometheus", "grafana"])
def test_what_compose_mounts_is_there_and_starts_only_if_asked_for(service):
    found = COMPOSE["services"][service]
    assert found["profiles"] == COMPOSE["services"]["metrics"]["profiles"] == ["monitoring"]
    for volume in found["volumes"]:
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).exists()
