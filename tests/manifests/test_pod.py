"""The pod: arguments that its programs take, probes that reach something, few rights."""

from __future__ import annotations

import re
from typing import Any

import pytest

import dnsmasq_front.cli
import kubedns.options
import sidecar.cli
from dnscore.flags import UsageError
from tests.manifests.documents import Document, container, of_kind, pod

MODULES = {"kubedns": "kubedns", "dnsmasq": "dnsmasq_front", "sidecar": "sidecar"}
CONTAINERS = list(MODULES)


def parse(name: str, words: list[str]) -> Any:
    """Arguments of a container, read by its program's own parser. Raises UsageError."""
    if name == "kubedns":
        environ = {entry["name"]: entry["value"] for entry in container(name)["env"]}
        return kubedns.options.parse_options(words, environ)
    return (dnsmasq_front.cli if name == "dnsmasq" else sidecar.cli).parse_options(words)


def options_of(name: str) -> Any:
    """What the container's arguments mean to its program."""
    return parse(name, container(name)["args"])


def declared_ports() -> set[tuple[int, str]]:
    return {
        (port["containerPort"], port["protocol"])
        for name in CONTAINERS
        for port in container(name)["ports"]
    }


def probes_of(name: str) -> dict[str, Document]:
    return {key: value for key, value in container(name).items() if key.endswith("Probe")}


@pytest.mark.parametrize("name", CONTAINERS)
def test_each_program_takes_its_arguments(name: str) -> None:
    assert container(name)["command"] == ["python", "-m", MODULES[name]]
    options_of(name)


def test_kubedns_serves_its_metrics_on_the_declared_port() -> None:
    assert (options_of("kubedns").metrics.port, "TCP") in declared_ports()


@pytest.mark.parametrize("name", CONTAINERS)
def test_each_program_would_refuse_an_unknown_argument(name: str) -> None:
    with pytest.raises(UsageError):
        parse(name, ["--no-such-flag", *container(name)["args"]])


@pytest.mark.parametrize("name", CONTAINERS)
def test_probes_ask_declared_ports(name: str) -> None:
    assert "livenessProbe" in probes_of(name)
    for probe in probes_of(name).values():
        port = (probe.get("httpGet") or probe["tcpSocket"])["port"]
        assert (port, "TCP") in declared_ports()


def test_liveness_asks_for_the_labels_that_the_sidecar_probes() -> None:
    labels = {probe.label for probe in options_of("sidecar").probes}
    for name in ("kubedns", "dnsmasq"):
        path = container(name)["livenessProbe"]["httpGet"]["path"]
        assert path == f"/healthcheck/{name}"
        assert name in labels


def test_the_service_leads_to_the_front() -> None:
    ports = {port["name"]: port for port in container("dnsmasq")["ports"]}
    for port in of_kind("Service")["spec"]["ports"]:
        target = ports[port["targetPort"]]
        assert (target["containerPort"], target["protocol"]) == (53, port["protocol"])


def test_the_service_and_the_deployment_select_the_pods() -> None:
    labels = of_kind("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert of_kind("Service")["spec"]["selector"].items() <= labels.items()
    assert of_kind("Deployment")["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_one_image_for_all_containers() -> None:
    assert len({container(name)["image"] for name in CONTAINERS}) == 1


def test_the_domain_is_the_same_everywhere() -> None:
    words = [word for name in CONTAINERS for word in container(name)["args"]]
    assert len([word for word in words if re.search(r"\bcluster\.local\b", word)]) == 4
    assert "--domain=cluster.local." in words


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_has_more_rights_than_it_uses(name: str) -> None:
    security = container(name)["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"]["drop"] == ["ALL"]
    added = security["capabilities"].get("add", [])
    assert added == (["NET_BIND_SERVICE"] if name == "dnsmasq" else [])


def test_no_container_runs_as_root_and_port_53_is_open_to_all() -> None:
    security = pod()["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == 65532
    assert {"name": "net.ipv4.ip_unprivileged_port_start", "value": "53"} in security["sysctls"]


def test_only_kubedns_gets_a_token() -> None:
    assert pod()["automountServiceAccountToken"] is False
    holders = [
        name
        for name in CONTAINERS
        for mount in container(name).get("volumeMounts", [])
        if mount["name"] == "api-access"
    ]
    assert holders == ["kubedns"]


def test_the_config_map_is_optional_and_where_the_flags_look_for_it() -> None:
    volume = next(v for v in pod()["volumes"] if v["name"] == "kube-dns-config")
    assert volume["configMap"] == {
        "name": of_kind("ConfigMap")["metadata"]["name"],
        "optional": True,
    }
    for name, flag in (("kubedns", "--config-dir="), ("dnsmasq", "-configDir=")):
        mounts = {m["name"]: m["mountPath"] for m in container(name)["volumeMounts"]}
        assert flag + mounts["kube-dns-config"] in container(name)["args"]


def test_the_role_grants_what_kubedns_watches_and_nothing_else() -> None:
    granted = {
        (group, resource, verb)
        for rule in of_kind("ClusterRole")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    watched = [("", "services"), ("", "namespaces"), ("discovery.k8s.io", "endpointslices")]
    assert granted == {(g, r, verb) for g, r in watched for verb in ("list", "watch")}


def test_the_role_is_bound_to_the_account_that_the_pod_uses() -> None:
    binding = of_kind("ClusterRoleBinding")
    account = of_kind("ServiceAccount")["metadata"]
    assert binding["roleRef"]["name"] == of_kind("ClusterRole")["metadata"]["name"]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"]}
    ]
    assert pod()["serviceAccountName"] == account["name"]
