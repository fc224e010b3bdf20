"""From the command line to `Options`: the flags of the stock sidecar."""

from __future__ import annotations

from collections.abc import Sequence

from dnscore import VERSION
from dnscore.flags import Flags, FlagSet, UsageError, klog_flags
from sidecar.address import ServerAddress, parse_host
from sidecar.options import Options
from sidecar.page_url import parse_page
from sidecar.probe_spec import parse_probe

MIN_POLL_INTERVAL_MS = 10
"""Below this a poll is a busy loop, which the stock sidecar falls into at 0."""


def run(argv: Sequence[str]) -> int:
    """Run the sidecar until a signal ends it; the exit code.

    Raises UsageError, and StartError when it cannot listen.
    """
    flags = _flag_set()
    parsed = flags.parse(argv)
    if parsed.help_wanted:
        print(flags.usage(), end="")
        return 0
    if parsed["version"] != "false":
        print(f'"{VERSION}"' if parsed["version"] == "raw" else f"Kube-DNS {VERSION}")
        return 0
    options = to_options(parsed)
    from sidecar.app import serve  # Flask and its like: --version and usage errors do without.

    return serve(options, without_effect=parsed.ignored_given)


def parse_options(argv: Sequence[str]) -> Options:
    """The settings that these words ask for. Raises UsageError."""
    return to_options(_flag_set().parse(argv))


def to_options(parsed: Flags) -> Options:
    """Checked settings from parsed flags. Raises UsageError."""
    if parsed.rest:
        raise UsageError(f"unexpected words after --: {' '.join(parsed.rest)}")
    options = Options(
        probes=tuple(parsed["probe"]),
        probe_retries=parsed["probe-retries"],
        dnsmasq=ServerAddress(parsed["dnsmasq-addr"], parsed["dnsmasq-port"]),
        dnsmasq_poll_interval_ms=parsed["dnsmasq-poll-interval-ms"],
        kubedns_metrics=parsed["kubedns-metrics-url"],
        kubedns_status=parsed["kubedns-status-url"],
        dnsmasq_status=parsed["dnsmasq-status-url"],
        prometheus_addr=parsed["prometheus-addr"],
        prometheus_port=parsed["prometheus-port"],
        prometheus_path=parsed["prometheus-path"],
        prometheus_namespace=parsed["prometheus-namespace"],
        verbosity=parsed["v"],
        log_format=parsed["log-format"],
    )
    try:
        options.validate()
    except ValueError as error:
        raise UsageError(str(error)) from None
    return options


def _flag_set() -> FlagSet:
    default = Options()
    flags = FlagSet("sidecar")
    flags.repeated(
        "probe", parse=parse_probe, help="label,server,name[,interval_s[,type]]; repeatable"
    )
    flags.integer(
        "probe-retries",
        default.probe_retries,
        minimum=0,
        maximum=10,
        help="how often a question that got no answer, or a stale one, is asked again in its round",
    )
    flags.string(
        "dnsmasq-addr",
        default.dnsmasq.host,
        parse=parse_host,
        help="address of the caching server whose counters are polled",
    )
    flags.integer(
        "dnsmasq-port", default.dnsmasq.port, minimum=1, maximum=65535, help="its DNS port"
    )
    flags.integer(
        "dnsmasq-poll-interval-ms",
        default.dnsmasq_poll_interval_ms,
        minimum=MIN_POLL_INTERVAL_MS,
        maximum=86_400_000,
        help="milliseconds between two polls",
    )
    _url_flags(flags, default)
    _http_flags(flags, default)
    klog_flags(flags)
    return flags


def _url_flags(flags: FlagSet, default: Options) -> None:
    flags.string(
        "kubedns-metrics-url",
        default.kubedns_metrics,
        parse=parse_page,
        help="where kubedns shows its metrics, which are exported here too; empty for nowhere",
    )
    flags.string(
        "kubedns-status-url",
        default.kubedns_status,
        parse=parse_page,
        help="where kubedns tells of itself, for the status page; empty for nowhere",
    )
    flags.string(
        "dnsmasq-status-url",
        default.dnsmasq_status,
        parse=parse_page,
        help="where the caching server tells of itself, for the status page; empty for nowhere",
    )


def _http_flags(flags: FlagSet, default: Options) -> None:
    flags.string(
        "prometheus-addr",
        default.prometheus_addr,
        parse=_parse_listen_host,
        help="address that HTTP listens on",
    )
    flags.integer(
        "prometheus-port",
        default.prometheus_port,
        minimum=0,
        maximum=65535,
        help="port that HTTP listens on; 0 takes any free one",
    )
    flags.string("prometheus-path", default.prometheus_path, help="path of the metrics")
    flags.string(
        "prometheus-namespace", default.prometheus_namespace, help="prefix of every metric name"
    )


def _parse_listen_host(text: str) -> str:
    return parse_host(text) if text else ""
