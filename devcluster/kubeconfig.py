"""The kubeconfig that points kubectl at this server. Pure."""

from __future__ import annotations

import yaml

from devcluster.resources import Json


def kubeconfig_text(url: str, token: str | None = None) -> str:
    """A kubeconfig (YAML) with one context; `url` such as `http://127.0.0.1:8001`.

    The token is for clients that send one over plain HTTP, as the official Python client does;
    kubectl never does, so it cannot use a server that asks for a token.
    """
    user: Json = {"token": token} if token else {}
    config: Json = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "devcluster", "cluster": {"server": url}}],
        "users": [{"name": "devcluster", "user": user}],
        "contexts": [
            {
                "name": "devcluster",
                "context": {"cluster": "devcluster", "user": "devcluster", "namespace": "default"},
            }
        ],
        "current-context": "devcluster",
    }
    return yaml.safe_dump(config, sort_keys=False)
