"""What goes over the wire, and where it goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kubedns.k8s.client import ApiServer, user_agent
from kubedns.k8s.errors import NotConfigured, Refused, Unreachable
from kubedns.k8s.options import ClientOptions
from tests.fakes.apiserver import ScriptedServer, json_answer, status_answer, stream
from tests.kubedns_k8s.rim import api_server

EMPTY = json_answer({"metadata": {"resourceVersion": "1"}, "items": []})


def kubeconfig(path: Path, url: str, *, user: dict[str, str] | None = None, **cluster: str) -> str:
    file = path / "kubeconfig"
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": url, **cluster}}],
        "users": [{"name": "u", "user": user or {}}],
    }
    file.write_text(json.dumps(body))
    return str(file)


def test_a_list_request() -> None:
    with ScriptedServer() as server:
        server.on_list("services", EMPTY, EMPTY)
        client = api_server(server.url)
        client.list_page("services", limit=500).read_all()
        client.list_page("services", limit=3, continue_="a=/b", resource_version="7").read_all()
        first, second = server.requests
        assert first.path == "/api/v1/services"
        assert first.query == {"limit": "500"}
        assert second.query == {"limit": "3", "continue": "a=/b", "resourceVersion": "7"}
        assert first.headers["user-agent"] == user_agent()
        assert user_agent().startswith("kube-dns/")
        assert "authorization" not in first.headers


def test_a_watch_request() -> None:
    with ScriptedServer() as server:
        server.on_watch("endpointslices", stream(b"{}\n"), stream(b"{}\n"))
        client = api_server(server.url)
        for initial in (False, True):
            with client.watch(
                "endpointslices",
                resource_version="" if initial else "42",
                timeout_s=300,
                send_initial_events=initial,
            ) as response:
                assert response.read_all() == b"{}\n"
        plain, initial_events = server.requests
        assert plain.path == "/apis/discovery.k8s.io/v1/endpointslices"
        assert {name: value.lower() for name, value in plain.query.items()} == {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": "300",
            "resourceVersion": "42",
        }
        assert initial_events.query["resourceVersionMatch"] == "NotOlderThan"
        assert initial_events.query["sendInitialEvents"].lower() == "true"


def test_connections_are_used_again() -> None:
    with ScriptedServer() as server:
        server.on_list("services", *[EMPTY] * 20)
        client = api_server(server.url)
        for _ in range(20):
            with client.list_page("services", limit=5) as response:
                response.read_all()
        [pool] = client._session.rest_client.pool_manager.pools._container.values()
        assert pool.num_connections == 1


def test_kubeconfig_with_a_token(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        server.on_list("services", EMPTY)
        path = kubeconfig(tmp_path, server.url, user={"token": "secret"})
        ApiServer(ClientOptions(kubeconfig=path)).list_page("services", limit=5).read_all()
        assert server.requests[0].headers["authorization"].lower() == "bearer secret"


def test_the_master_url_overrides_the_server_of_the_kubeconfig(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        server.on_list("services", EMPTY)
        path = kubeconfig(tmp_path, "http://127.0.0.1:1", user={"token": "secret"})
        client = ApiServer(ClientOptions(kubeconfig=path, master_url=server.url + "/"))
        assert client.url == server.url
        client.list_page("services", limit=5).read_all()
        assert server.requests[0].headers["authorization"].lower() == "bearer secret"


def test_a_401_reads_the_credentials_again(tmp_path: Path) -> None:
    unauthorized = status_answer(401, "Unauthorized")
    token = tmp_path / "token"
    token.write_text("old")
    with ScriptedServer() as server:
        server.on_list("services", EMPTY, unauthorized, EMPTY, unauthorized, unauthorized, EMPTY)
        path = kubeconfig(tmp_path, server.url, user={"tokenFile": str(token)})
        client = ApiServer(ClientOptions(kubeconfig=path))
        client.list_page("services", limit=5).read_all()
        token.write_text("new")
        client.list_page("services", limit=5).read_all()
        with pytest.raises(Refused, match="401"):
            client.list_page("services", limit=5)
        client.list_page("services", limit=5).read_all()
        sent = [request.headers["authorization"].split()[1] for request in server.requests]
        assert sent == ["old", "old", "new", "new", "new", "new"]


def test_a_tls_failure_reads_the_certificates_again(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        server.on_list("services", EMPTY)
        path = kubeconfig(tmp_path, server.url.replace("http:", "https:"))
        client = ApiServer(ClientOptions(kubeconfig=path))
        kubeconfig(tmp_path, server.url)  # repaired after it was read
        with pytest.raises(Unreachable, match="SSL"):
            client.list_page("services", limit=5)
        client.list_page("services", limit=5).read_all()


def test_the_service_account_is_used_when_nothing_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text("secret")
    (tmp_path / "ca.crt").write_text("not a certificate")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    client = ApiServer(ClientOptions(connect_timeout_s=0.05))
    assert client.url == "https://[fd00::1]:443"
    settings = client._session.configuration
    assert settings.auth_settings()["BearerToken"]["value"] == "bearer secret"
    assert settings.retries is False
    with pytest.raises(Unreachable):
        client.list_page("services", limit=5)


def test_the_proxy_of_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ScriptedServer() as server, ScriptedServer() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        server.on_list("services", EMPTY)
        api_server(server.url).list_page("services", limit=5).read_all()
        assert proxy.requests == []
        proxy.on_list("services", EMPTY)
        api_server(server.url, use_proxy=True).list_page("services", limit=5).read_all()
        assert len(proxy.requests) == 1


@pytest.mark.parametrize("content", [None, "", "a: [", "[]", "{}", '{"clusters": 1}', "\x00"])
def test_a_kubeconfig_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotConfigured, match="kubeconfig"):
        ApiServer(ClientOptions(kubeconfig=str(path)))


def test_neither_flags_nor_a_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(NotConfigured, match="in-cluster"):
        ApiServer(ClientOptions())
