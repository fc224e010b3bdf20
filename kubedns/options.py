"""What the command line and the environment say, checked once and passed down.

The flags, defaults and rules are those of kube-dns, so that its manifests work unchanged;
`--lameduck` is ours. Pure: argv and environ are arguments.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from urllib.parse import urlsplit

from dnscore.dnsconfig import ConfigError, is_label, is_subdomain, parse_federations
from dnscore.flags import Flags, FlagSet, UsageError, klog_flags
from dnscore.net.address import Address, parse_address, parse_port
from dnscore.wire import names
from kubedns.endpoint_names import ENDPOINT_NAMES, HASH
from kubedns.k8s.options import AUTO, MODES
from kubedns.pod_names import INSECURE, POD_NAMES
from kubedns.zone import Zone, ZoneOptions


@dataclass(frozen=True, slots=True)
class MetricsOptions:
    """Where the metrics are served, from the PROMETHEUS_* variables."""

    port: int
    path: str = "/metrics"
    namespace: str = "skydns"
    subsystem: str = "skydns"


@dataclass(frozen=True, slots=True)
class Notice:
    """A flag that was given and has no effect, and why."""

    flag: str
    reason: str


@dataclass(frozen=True, slots=True)
class Options:
    """The daemon's configuration."""

    domain: str = "cluster.local."
    """The zone served; lower case, with the final dot."""
    nameservers: tuple[Address, ...] = ()
    """Upstream servers; empty: those of /etc/resolv.conf. Not used with `config_dir` or
    `config_map`."""
    kubecfg_file: str = ""
    """Path of a kubeconfig file; with `kube_master_url` empty too, the service account's."""
    kube_master_url: str = ""
    """URL of the API server, which overrides the kubeconfig's."""
    healthz_port: int = 8081
    """HTTP port of /readiness and /cache, on all addresses."""
    dns_bind_address: str = "0.0.0.0"
    """IP address, without brackets, to answer DNS on."""
    dns_port: int = 53
    """UDP and TCP port to answer DNS on."""
    endpoints_source: str = "auto"
    """`slices`, `endpoints`, or `auto`: slices where they can be read, else Endpoints."""
    endpoint_names: str = "hash"
    """What records show for an endpoint without a hostname: kube-dns's `hash`, its `address` with
    dashes, or the name of its `pod`."""
    pods: str = "insecure"
    """Which pod names there are: `insecure` any that spells an address, `verified` those of pods
    that run, `disabled` none."""
    federations: Mapping[str, str] = field(default_factory=dict)
    """Domain suffix by federation name. Not used with `config_dir` or `config_map`."""
    config_map: tuple[str, str] | None = None
    """Namespace and name of the ConfigMap with the configuration; excludes `config_dir`."""
    config_dir: str = ""
    """Directory of key files (a mounted ConfigMap); empty: none."""
    config_period_s: float = 10.0
    """How often the directory is read."""
    initial_sync_timeout_s: float = 60.0
    """When to say what is still missing of the first lists. The daemon goes on trying: a restart
    would only lose what has arrived."""
    lameduck_s: float = 5.0
    """After SIGTERM queries are answered for this long at most."""
    notify: tuple[Address, ...] = ()
    """Caches that are told of every change."""
    metrics: MetricsOptions | None = None
    """None: no metrics are served."""
    profiling: bool = False
    """Serve stacks, memory and profiles on 127.0.0.1, port 6060."""
    verbosity: int = 0
    """klog level."""
    log_format: str = "text"
    """`text` (klog lines) or `json`."""
    notices: tuple[Notice, ...] = ()
    """What was given without effect, to be logged."""


def flag_set(program: str) -> FlagSet:
    """The flags that kubedns takes."""
    flags = FlagSet(program)
    _zone_flags(flags)
    flags.string(
        "nameservers", help="upstream servers, ip[:port],...; default /etc/resolv.conf",
        parse=_nameservers,
    )
    flags.string("kubecfg-file", help="path of a kubeconfig; default: the service account")
    flags.string("kube-master-url", help="URL of the API server; overrides the kubeconfig's")
    flags.integer(
        "healthz-port", 8081, help="HTTP port of /readiness and /cache", minimum=1, maximum=65535
    )
    flags.string(
        "dns-bind-address", "0.0.0.0", help="address to answer DNS on", parse=_bind_address
    )
    flags.integer("dns-port", 53, help="port to answer DNS on", minimum=1, maximum=65535)
    flags.string(
        "endpoints-source", AUTO, help="slices, endpoints, or auto: slices where allowed",
        parse=_one_of(MODES),
    )
    flags.repeated("federations", help="deprecated: name=domain,...", parse=_federations)
    flags.string("config-map-namespace", "kube-system", help="namespace of --config-map")
    flags.string("config-map", help="ConfigMap with the configuration, watched through the API")
    flags.string("config-dir", help="directory of configuration files (a mounted ConfigMap)")
    flags.duration("config-period", 10.0, help="how often --config-dir is read")
    flags.duration(
        "initial-sync-timeout", 60.0, help="when to say what the first lists still miss"
    )
    flags.repeated(
        "notify",
        help="ip[:port] of a cache to tell of every change (RFC 1996), default the loopback "
        "address and 53; empty: nobody",
        parse=_notify_target,
    )
    flags.duration("lameduck", 5.0, help="how long at most to answer on after SIGTERM")
    flags.boolean(
        "profiling", help="serve stacks, memory and profiles on http://127.0.0.1:6060/debug"
    )
    klog_flags(flags)
    return flags


def _zone_flags(flags: FlagSet) -> None:
    """What is served."""
    flags.string(
        "domain", "cluster.local.", help="domain under which names are served", parse=_domain
    )
    flags.string(
        "endpoint-names", HASH, help="hash, address or pod: the name shown for an endpoint",
        parse=_one_of(ENDPOINT_NAMES),
    )
    flags.string(
        "pods", INSECURE, help="insecure, verified or disabled: which pod names are answered",
        parse=_one_of(POD_NAMES),
    )


def parse_options(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options in a command line and an environment. Raises UsageError."""
    flags = flag_set("kubedns").parse(argv)
    if flags.rest:
        raise UsageError(f"not a flag: {flags.rest[0]!r}; see --help")
    if flags["config-map"] and flags["config-dir"]:
        raise UsageError("--config-map and --config-dir exclude each other")
    if flags["config-period"] <= 0:
        raise UsageError("--config-period: must be more than 0")
    return Options(
        domain=flags["domain"],
        nameservers=flags["nameservers"] or (),
        kubecfg_file=flags["kubecfg-file"],
        kube_master_url=_master_url(flags["kube-master-url"], environ),
        healthz_port=flags["healthz-port"],
        dns_bind_address=flags["dns-bind-address"],
        dns_port=flags["dns-port"],
        endpoints_source=flags["endpoints-source"],
        endpoint_names=flags["endpoint-names"],
        pods=flags["pods"],
        federations={name: d for given in flags["federations"] for name, d in given.items()},
        config_map=_config_map(flags),
        config_dir=flags["config-dir"],
        config_period_s=flags["config-period"],
        initial_sync_timeout_s=flags["initial-sync-timeout"],
        lameduck_s=flags["lameduck"],
        notify=_notify_targets(flags),
        metrics=_metrics(environ),
        profiling=flags["profiling"],
        verbosity=flags["v"],
        log_format=flags["log-format"],
        notices=tuple(_notices(flags)),
    )


def _notices(flags: Flags) -> list[Notice]:
    found = []
    if any(flags["federations"]):
        reason = "deprecated: give it as `federations` in --config-dir or --config-map"
        if flags["config-dir"] or flags["config-map"]:
            reason = "the configuration takes its place"
        found.append(Notice("--federations", reason))
    if flags["nameservers"] and (flags["config-dir"] or flags["config-map"]):
        flag = "--config-dir" if flags["config-dir"] else "--config-map"
        reason = f"{flag} takes its place (upstreamNameservers, or /etc/resolv.conf)"
        found.append(Notice("--nameservers", reason))
    if flags.ignored_given:
        given = " ".join(f"--{name}" for name in dict.fromkeys(flags.ignored_given))
        found.append(Notice(given, "accepted for older manifests; logs go to stderr"))
    return found


def _domain(text: str) -> str:
    domain = text.removesuffix(".")
    for label in domain.split("."):
        if not is_label(label):
            raise ValueError(f"{label!r} in {text!r} is not a lower-case label (RFC 1123)")
    Zone(ZoneOptions(domain=names.from_text(domain)))  # whether there is room below it
    return domain + "."


def _nameservers(text: str) -> tuple[Address, ...]:
    if not text.strip():
        return ()
    servers = [parse_address(part.strip(), default_port=53) for part in text.split(",")]
    return tuple(dict.fromkeys(servers))


def _notify_target(text: str) -> Address | None:
    return parse_address(text, default_port=53) if text else None


def _notify_targets(flags: Flags) -> tuple[Address, ...]:
    """Whom to tell; messages leave from the port that is served, so families must agree."""
    given, bound = flags["notify"], flags["dns-bind-address"]
    is_ipv6 = ":" in bound
    if not given:
        # Who serves the usual port has no cache in front.
        usual = Address("::1" if is_ipv6 else "127.0.0.1", 53)
        return () if flags["dns-port"] == usual.port else (usual,)
    targets = tuple(dict.fromkeys(target for target in given if target is not None))
    for target in targets:
        if (":" in target.host) != is_ipv6:
            raise UsageError(f"--notify: {target}: not reached from --dns-bind-address={bound}")
    return targets


def _bind_address(text: str) -> str:
    # kube-dns joins address and port as text, so manifests write IPv6 addresses in brackets.
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise ValueError(f"not an IP address: {text!r}") from None


def _config_map(flags: Flags) -> tuple[str, str] | None:
    name, namespace = flags["config-map"], flags["config-map-namespace"]
    if not name:
        return None
    if not is_subdomain(name):
        raise UsageError(f"--config-map: not the name of a ConfigMap: {name!r}")
    if not is_label(namespace):
        raise UsageError(f"--config-map-namespace: not the name of a namespace: {namespace!r}")
    return namespace, name


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"not one of {', '.join(words)}: {text!r}")
        return text

    return parse


def _federations(text: str) -> dict[str, str]:
    try:
        return parse_federations(text)
    except ConfigError as error:
        raise ValueError(str(error)) from None


def _master_url(text: str, environ: Mapping[str, str]) -> str:
    """The URL with `$VAR` and `${VAR}` filled in. kube-dns fills them in only to check it."""
    if not text:
        return ""
    url = Template(text).safe_substitute(environ)
    try:
        parts = urlsplit(url)
        # A dollar that is left is a variable that is not set.
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "$" not in url
        parts.port  # noqa: B018 - raises ValueError when it is no port
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"--kube-master-url: not a URL such as https://10.0.0.1:6443: {url!r}")
    return url


def _metrics(environ: Mapping[str, str]) -> MetricsOptions | None:
    port = environ.get("PROMETHEUS_PORT", "")
    if not port:
        return None
    path = environ.get("PROMETHEUS_PATH") or "/metrics"
    if not path.startswith("/"):
        raise UsageError(f"PROMETHEUS_PATH: must begin with a slash: {path!r}")
    try:
        return MetricsOptions(
            port=parse_port(port),
            path=path,
            namespace=_metric_prefix(environ, "PROMETHEUS_NAMESPACE"),
            subsystem=_metric_prefix(environ, "PROMETHEUS_SUBSYSTEM"),
        )
    except ValueError as error:
        raise UsageError(f"PROMETHEUS_PORT: {error}") from None


def _metric_prefix(environ: Mapping[str, str], variable: str) -> str:
    text = environ.get(variable) or "skydns"
    if not (text.isascii() and text.replace("_", "a").isalnum() and not text[0].isdigit()):
        raise UsageError(f"{variable}: not letters, digits and underscores: {text!r}")
    return text
