"""Settings of the watch layer. Values only: importing this does not import the official client,
which costs tens of megabytes and most of a start's time.
"""

from __future__ import annotations

from dataclasses import dataclass

AUTO, SLICES, ENDPOINTS = "auto", "slices", "endpoints"
MODES = (AUTO, SLICES, ENDPOINTS)
"""Where endpoints come from: the values of --endpoints-source."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Where the API server is and how patient we are."""

    kubeconfig: str = ""
    """Path of a kubeconfig file (--kubecfg-file)."""
    master_url: str = ""
    """URL of the API server (--kube-master-url); overrides the kubeconfig's. With neither of
    the two the pod's service account is used."""
    use_proxy: bool = False
    """Whether HTTPS_PROXY and its kin apply. A cluster's DNS must not depend on them; a
    `proxy-url` in the kubeconfig always applies."""
    connect_timeout_s: float = 3.0
    list_timeout_s: float = 30.0
    """Silence that ends the reading of a page."""
    silence_s: float = 90.0
    """Silence that ends a watch: a half-open connection. Bookmarks come about once a minute."""


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How one resource is watched."""

    page_size: int | None = None
    """Objects per list page; None for the resource's own."""
    watch_lists: bool = True
    """Have lists sent as events where the server offers that; else in pages."""
    yield_s: float = 0.0005
    """Pause between two decoded groups, in which the thread that answers queries runs."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What is watched, besides Services."""

    endpoints_source: str = AUTO
    """`slices`, `endpoints`, or `auto`: slices where they can be read, else Endpoints."""
    pod_names: bool = False
    """Whether the names of the pods behind endpoints are kept."""
    pods: bool = False
    """Whether Pods are watched."""
    config_map: tuple[str, str] | None = None
    """Namespace and name of the ConfigMap that is watched."""
