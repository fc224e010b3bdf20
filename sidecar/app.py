"""The composition root: state, worker threads and HTTP, started and stopped in order."""

from __future__ import annotations

import gc
import random
from collections.abc import Sequence
from functools import partial

from dnscore import VERSION, log
from dnscore.lifecycle import EXIT_FAILURE, EXIT_OK, Parts
from sidecar.address import ServerAddress
from sidecar.collector import build_registry
from sidecar.exchange import ExchangeError, ask
from sidecar.http_server import HttpServer, listen
from sidecar.options import Options
from sidecar.probe import run_probe
from sidecar.probe_spec import ProbeSpec
from sidecar.schedule import first_delay_s
from sidecar.signals import EndingWatch
from sidecar.state import State
from sidecar.stats import StatsError, read_cache
from sidecar.ticker import Ticker
from sidecar.web import create_app


def serve(options: Options, *, without_effect: Sequence[str] = ()) -> int:
    """Run until a signal or a failure; the exit code. Raises StartError."""
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    logger = log.get_logger("sidecar")
    ending_watch = EndingWatch()
    ending_watch.install()
    sock = listen(options.prometheus_addr, options.prometheus_port)
    if without_effect:
        logger.info("flags without effect", flags=",".join(without_effect))
    state = State(options.probes)
    registry = build_registry(state, namespace=options.prometheus_namespace)
    application = create_app(state, registry, metrics_path=options.prometheus_path)
    http = HttpServer(application, sock, failed=ending_watch.fail)

    parts = Parts()
    for ticker in _tickers(options, state, logger=logger):
        ticker.start()
        parts.started("ticker", ticker.stop)
    http.start()
    parts.started("http", http.stop)
    host, port = sock.getsockname()[:2]
    logger.info("serving", version=VERSION, address=str(ServerAddress(host, port)))
    # What is loaded by now stays for good: keep the collector from walking it again and again.
    gc.collect()
    gc.freeze()

    ending = ending_watch.wait()
    logger.info("stopping", cause=ending.cause)
    parts.stop_all()
    ending_watch.close()
    return EXIT_FAILURE if ending.failed else EXIT_OK


def _tickers(options: Options, state: State, *, logger: log.Logger) -> list[Ticker]:
    tickers = [
        Ticker(
            f"probe-{spec.label}",
            partial(_probe_round, spec, state, logger=logger),
            interval_s=spec.interval_s,
            first_delay_s=first_delay_s(spec.interval_s, fraction=random.random()),
        )
        for spec in options.probes
    ]
    poll = partial(_poll_round, options.dnsmasq, state, logger=logger)
    interval_s = options.dnsmasq_poll_interval_ms / 1000
    return [*tickers, Ticker("poll-dnsmasq", poll, interval_s=interval_s)]


def _probe_round(spec: ProbeSpec, state: State, *, logger: log.Logger) -> None:
    result = run_probe(spec)
    changed = state.record_probe(spec.label, result)
    latency_ms = round(result.latency_s * 1000, 3)
    if changed and result.ok:
        logger.info("probe is ok", label=spec.label, server=spec.server, latency_ms=latency_ms)
    elif changed:
        logger.warning("probe failed", label=spec.label, server=spec.server, error=result.error)
    elif logger.v(3):
        logger.info("probed", label=spec.label, latency_ms=latency_ms, error=result.error or "")


def _poll_round(server: ServerAddress, state: State, *, logger: log.Logger) -> None:
    try:
        state.record_cache(read_cache(partial(ask, server, rdtype="TXT", rdclass="CH")))
    except (ExchangeError, StatsError) as error:
        state.record_cache_error()
        if logger.v(2):
            logger.warning("cannot read the cache counters", server=server, error=str(error))
