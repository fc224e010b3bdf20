"""The alerts and the dashboard ask for nothing that the sidecar does not export."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from gates.tools import find_command
from sidecar.collector import build_registry
from sidecar.daemon_figures import FIGURES
from sidecar.front_figures import COUNTERS, FrontSample, ServerSample
from sidecar.health import ProbeResult
from sidecar.probe_spec import parse_probe
from sidecar.state import State
from tests.manifests.documents import MANIFESTS, ROOT

FOLDER = MANIFESTS / "components" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
GROUPS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
ALERTS = [rule for rule in RULES if "alert" in rule]
PANELS: list[dict[str, Any]] = [p for p in DASHBOARD["panels"] if p["type"] != "row"]
TARGETS: list[str] = [target["expr"] for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = [rule["expr"] for rule in RULES] + TARGETS

SCRAPED = {"instance", "job"}
"""Labels that the scrape adds."""
_SELECTOR = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"")
_GROUPING = re.compile(r"\b(by|on|without|ignoring)\s*\(([^)]*)\)")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w|\s*\()")
_OPERATORS = {"and", "or", "unless", "bool"}


def metrics_of(expression: str) -> set[str]:
    """The names of the metrics that an expression asks for."""
    bare = _GROUPING.sub("", _SELECTOR.sub("", expression))
    return set(_NAME.findall(bare)) - _OPERATORS


def labels_of(expression: str) -> set[str]:
    """The labels that an expression selects or groups by."""
    grouped = [label for _, inside in _GROUPING.findall(expression) for label in inside.split(",")]
    selected = [
        label
        for braces in re.findall(r"\{([^}]*)\}", expression)
        for label in re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", braces)
    ]
    return {label.strip() for label in (*grouped, *selected)}


def registry() -> CollectorRegistry:
    """Of a sidecar that has seen everything."""
    state = State([parse_probe("a,127.0.0.1,x.test,5,A")])
    state.record_probe("a", ProbeResult(1.0, 0.0015))
    servers = (ServerSample("10.0.0.1#53", 1, 0),)
    state.record_front(FrontSample(dict.fromkeys(COUNTERS, 1), told=1, servers=servers))
    state.record_daemon({(f.name, tuple("x" for _ in f.labels)): 1.0 for f in FIGURES})
    return build_registry(state, namespace="kubedns")


def exported() -> dict[str, set[str]]:
    """The labels of every metric."""
    found: dict[str, set[str]] = {}
    for family in registry().collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


EXPORTED = exported()


@pytest.mark.parametrize(
    ("expression", "metrics", "labels"),
    [
        ("up", {"up"}, set()),
        ('a:b_total{x="y z"} == 0', {"a:b_total"}, {"x"}),
        (
            "sum by (l, le) (rate(m{a=~\"b\",c!='d'}[5m])) / n > 0",
            {"m", "n"},
            {"l", "le", "a", "c"},
        ),
        ("absent(m) and on (i) n", {"m", "n"}, {"i"}),
    ],
)
def test_names_in_expressions_are_found(
    expression: str, metrics: set[str], labels: set[str]
) -> None:
    assert (metrics_of(expression), labels_of(expression)) == (metrics, labels)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_exists(expression: str) -> None:
    names = metrics_of(expression)
    assert names
    assert names <= EXPORTED.keys() | RECORDED
    known = {label for name in names & EXPORTED.keys() for label in EXPORTED[name]}
    if not names & RECORDED:
        assert labels_of(expression) <= known | SCRAPED


def test_stock_and_new_figures_are_all_here_to_be_asked_for() -> None:
    assert {"kubedns_dnsmasq_hits", "kubedns_dnsmasq_telling_servers"} <= EXPORTED.keys()
    assert {"kubedns_daemon_up", "process_resident_memory_bytes"} <= EXPORTED.keys()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_says_what_and_how_bad(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    texts = alert["annotations"]
    assert texts["summary"].endswith(".")
    told = set(re.findall(r"\$labels\.(\w+)", " ".join(texts.values())))
    kept = re.search(r"by \(([^)]*)\)", alert["expr"])
    metrics = metrics_of(alert["expr"]) & EXPORTED.keys()
    labels = {label for name in metrics for label in EXPORTED[name]} | SCRAPED
    if metrics_of(alert["expr"]) & RECORDED:
        labels |= {"label"}
    assert told <= (set(kept[1].split(", ")) if kept else labels)


def test_names_are_given_once() -> None:
    names = [rule.get("alert") or rule["record"] for rule in RULES]
    assert len(names) == len(set(names)) == len(ALERTS) + len(RECORDED)


def test_panels_have_places_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        columns = range(place["x"], place["x"] + place["w"])
        cells = {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
        assert columns.stop <= 24
        assert not cells & taken
        taken |= cells
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_the_dashboard_asks_the_source_that_is_chosen() -> None:
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert names == {"datasource", "instance"}
    for panel in PANELS:
        assert panel["targets"]
        for target in panel["targets"]:
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert "$instance" in target["expr"]


@pytest.mark.needs_kubectl
def test_kustomize_adds_it_to_an_overlay(tmp_path: Path) -> None:
    component = os.path.relpath(FOLDER, tmp_path.resolve())
    overlay = {"kind": "Kustomization", "components": [component]}
    (tmp_path / "kustomization.yaml").write_text(json.dumps(overlay))
    command = [find_command("kubectl") or "", "kustomize", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    built = {d["metadata"]["name"]: d for d in yaml.safe_load_all(done.stdout)}
    assert built.keys() == {"kube-dns-rules", "kube-dns-dashboard"}
    assert json.loads(built["kube-dns-dashboard"]["data"]["dashboard.json"]) == DASHBOARD
    assert built["kube-dns-dashboard"]["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert yaml.safe_load(built["kube-dns-rules"]["data"]["rules.yaml"])["groups"] == GROUPS


@pytest.fixture
def promtool() -> Iterator[str]:
    # Not in packages.debian: its package is Prometheus itself, which begins to run when installed.
    command = find_command("promtool")
    if command is None:
        pytest.skip("LEFT OUT: no promtool here (Debian package prometheus)")
    yield command


def run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_the_rules(promtool: str) -> None:
    run(promtool, "check", "rules", str(FOLDER / "rules.yaml"))


def test_promtool_takes_the_expressions_of_the_dashboard(promtool: str, tmp_path: Path) -> None:
    plain = [expr.replace("$__rate_interval", "5m").replace("$instance", ".+") for expr in TARGETS]
    rules = [{"record": f"r{n}", "expr": expr} for n, expr in enumerate(plain)]
    file = tmp_path / "dashboard.yaml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    run(promtool, "check", "rules", str(file))


def test_alerts_come_when_they_should(promtool: str) -> None:
    run(promtool, "test", "rules", "tests/manifests/alerts.yaml")
