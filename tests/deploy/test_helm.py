"""The chart, rendered by Helm: Kubernetes takes it, and it runs the programs of `make run`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
import yaml
from django.conf import settings
from kubernetes_validate.utils import validate

from cardgen.configuration.environment import SECRETS
from tests.support.programs import words_of

CHART = Path(settings.BASE_DIR) / "deploy/helm/cardgen"
KUBERNETES = "1.33"
VALUES = {"host": "cards.example", "existingSecret": "keys"}
PROGRAMS = {"web", "worker", "reconciler", "beat", "migrate"}
Manifest = dict[str, Any]


def rendered(**changes: object) -> list[Manifest]:
    with helm.Chart.load(CHART) as chart:
        chart.validate_schema(VALUES | changes)
        texts = chart.render(VALUES | changes, name="cards", namespace="prod")
    found = [yaml.safe_load_all(text) for name, text in texts.items() if name.endswith(".yaml")]
    return [manifest for each in found for manifest in each if manifest]


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Each program's name, and the pod that runs it."""
    for manifest in manifests:
        if manifest["kind"] in ("Deployment", "Job"):
            template = manifest["spec"]["template"]
            yield template["metadata"]["labels"]["app.kubernetes.io/component"], template["spec"]


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    """What the chart makes of the fewest values."""
    return rendered()


@pytest.fixture(scope="module")
def programs(manifests) -> dict[str, Manifest]:
    """The container of each program."""
    return {name: pod["containers"][0] for name, pod in pods(manifests)}


def variables(container: Manifest) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container["env"]}


def test_helm_finds_nothing_to_mend():
    report = helm.lint(CHART, VALUES, strict=True)
    assert report["errors"] == []
    assert [one["error"] for one in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"worker": {"replicas": 3}, "image": {"pullSecrets": [{"name": "registry"}]}},
        {"networkPolicy": {"from": [{"namespaceSelector": {"matchLabels": {"in": "yes"}}}]}},
        {"ingress": {"className": "nginx", "tlsSecret": "tls", "annotations": {"a": "b"}}},
        {"metrics": {"enabled": True, "from": [{"namespaceSelector": {}}]}},
        {"nodeSelector": {"disk": "fast"}, "tolerations": [{"operator": "Exists"}]},
    ],
)
def test_kubernetes_takes_it(changes):
    for manifest in rendered(**changes):
        validate(manifest, KUBERNETES, strict=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": ""},
        {"existingSecret": ""},
        {"web": {"replica": 3}},
        {"metrics": {"enabled": "yes"}},
        {"worker": {"concurrency": 0}},
        {"settings": {"PATH": "/tmp"}},
        {"bootstrapRole": "ROOT"},
    ],
)
def test_wrong_values_are_refused(changes):
    with pytest.raises(helm.HelmValuesError):
        rendered(**changes)


def test_each_program_is_apart_and_that_of_make_run(programs):
    assert set(programs) == PROGRAMS
    assert programs["worker"]["command"][:-2] == words_of("worker")
    assert programs["beat"]["command"] == words_of("beat")
    assert programs["reconciler"]["command"][-1] == words_of("reconciler")[-1]
    assert "command" not in programs["web"]  # the image's own


def test_metrics_are_there_if_asked_for(manifests):
    found = rendered(metrics={"enabled": True})
    more = [one for one in found if one["metadata"]["name"] == "cards-metrics"]
    assert len(found) == len(manifests) + len(more)
    assert {one["kind"] for one in more} == {"Deployment", "Service", "NetworkPolicy"}
    (container,) = dict(pods(more))["metrics"]["containers"]
    assert container["command"][-1] == words_of("metrics")[-1]
    assert variables(container)["CARDGEN_METRICS"].endswith(":9464")


def test_the_workers_of_all_pods_count_together():
    found = rendered(worker={"replicas": 3, "concurrency": 4})
    for _, pod in pods(found):
        assert variables(pod["containers"][0])["CARDGEN_WORKERS"] == "12"


def test_settings_and_secrets_are_known(programs):
    told = (Path(settings.BASE_DIR) / "docs/configuration.md").read_text()
    for container in programs.values():
        for name in variables(container):
            assert f"`{name.removesuffix('_FILE')}`" in told
            assert not name.endswith("_FILE") or name.removesuffix("_FILE") in SECRETS


def test_only_the_migration_knows_the_owner_and_comes_before_the_rest(manifests, programs):
    knows = {
        name for name in programs if "CARDGEN_OWNER_DATABASE_URL_FILE" in variables(programs[name])
    }
    assert knows == {"migrate"}
    hooks = [one for one in manifests if "helm.sh/hook" in one["metadata"].get("annotations", {})]
    assert [one["metadata"]["annotations"]["helm.sh/hook"] for one in hooks] == [
        "pre-install,pre-upgrade"
    ]


def test_every_secret_that_is_named_is_laid(manifests):
    for _, pod in pods(manifests):
        (secrets,) = [one["secret"] for one in pod["volumes"] if "secret" in one]
        laid = {f"/run/secrets/{item['path']}" for item in secrets["items"]}
        given = variables(pod["containers"][0])
        assert {given[name] for name in given if name.endswith("_FILE")} == laid
        assert secrets["secretName"] == "keys"


def test_web_is_probed_where_it_answers(programs):
    probes = {
        name: programs["web"][name]["httpGet"]["path"]
        for name in programs["web"]
        if "Probe" in name
    }
    assert probes == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }


def test_a_disruption_leaves_some_of_those_that_are_several():
    several = rendered(worker={"replicas": 2})
    budgets = [one for one in several if one["kind"] == "PodDisruptionBudget"]
    assert [one["metadata"]["name"] for one in budgets] == ["cards-web", "cards-worker"]
    labels = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
        for one in several
        if one["kind"] == "Deployment"
    }
    for budget in budgets:
        wanted = budget["spec"]["selector"]["matchLabels"].items()
        assert wanted <= labels[budget["metadata"]["name"]].items()


def test_only_the_reconciler_reaches_the_internet(manifests):
    policies = [one for one in manifests if one["kind"] == "NetworkPolicy"]
    open_to_all = [
        one["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
        for one in policies
        if any("ipBlock" in str(rule.get("to")) for rule in one["spec"].get("egress", []))
    ]
    assert open_to_all == ["reconciler"]


def test_what_runs_has_no_privileges(manifests):
    for _, pod in pods(manifests):
        assert pod["securityContext"]["runAsNonRoot"]
        allowed = pod["containers"][0]["securityContext"]
        assert allowed["readOnlyRootFilesystem"]
        assert not allowed["allowPrivilegeEscalation"]
        assert allowed["capabilities"] == {"drop": ["ALL"]}
