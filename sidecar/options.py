"""The sidecar's settings: one frozen value, checked once, passed down."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sidecar.address import ServerAddress
from sidecar.page_url import PageUrl
from sidecar.probe_spec import ProbeSpec

_NAMESPACE = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)?", re.ASCII)
_LOCAL_DNS = ServerAddress("127.0.0.1", 53)
_KUBEDNS_PAGE = PageUrl(ServerAddress("127.0.0.1", 10055), "/metrics")
_KUBEDNS_STATUS = PageUrl(ServerAddress("127.0.0.1", 8081), "/status.json")
_FRONT_STATUS = PageUrl(ServerAddress("127.0.0.1", 10056), "/status.json")
_PAGES = ("/healthz", "/status.json", "/explain", "/explain.json")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are those of the stock sidecar."""

    probes: tuple[ProbeSpec, ...] = ()
    probe_retries: int = 1
    """How often a question without an answer, or with a stale one, is asked again in its round.
    The stock sidecar asks once."""
    dnsmasq: ServerAddress = _LOCAL_DNS
    """The caching server whose counters are polled."""
    dnsmasq_poll_interval_ms: int = 5000
    """From the start of one poll to the start of the next."""
    kubedns_metrics: PageUrl | None = _KUBEDNS_PAGE
    """kubedns's metrics, which are exported here too; None leaves them alone."""
    kubedns_status: PageUrl | None = _KUBEDNS_STATUS
    """What kubedns tells of itself, for the status page; None asks nobody."""
    dnsmasq_status: PageUrl | None = _FRONT_STATUS
    """Likewise the caching server."""
    prometheus_addr: str = "0.0.0.0"
    """Where HTTP listens: an address without brackets; empty means every IPv4 address."""
    prometheus_port: int = 10054
    """0 takes any free port, which the log names."""
    prometheus_path: str = "/metrics"
    prometheus_namespace: str = "kubedns"
    """Put before every metric name with an underscore; may be empty."""
    verbosity: int = 0
    log_format: str = "text"

    def validate(self) -> None:
        """Check what one flag alone cannot tell. Raises ValueError, naming the flag."""
        seen: set[str] = set()
        for probe in self.probes:
            if probe.label in seen:
                raise ValueError(f"--probe: the label {probe.label!r} is given twice")
            seen.add(probe.label)
        path = self.prometheus_path
        if not _PATH.fullmatch(path):
            raise ValueError(f"--prometheus-path: not a path such as /metrics: {path!r}")
        if path in _PAGES or f"{path}/".startswith("/healthcheck/"):
            raise ValueError(f"--prometheus-path: {path!r} is taken by another page")
        if not _NAMESPACE.fullmatch(self.prometheus_namespace):
            raise ValueError(
                "--prometheus-namespace: not letters, digits and underscores: "
                f"{self.prometheus_namespace!r}"
            )
