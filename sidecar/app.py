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
from sidecar.daemon_figures import PageError, read_page
from sidecar.exchange import ExchangeError, ask
from sidecar.explain_page import TYPES, add_explain_page, walker
from sidecar.front_figures import FrontSample, read_front
from sidecar.health_pages import HealthPages
from sidecar.http_server import HttpServer, listen
from sidecar.options import Options
from sidecar.overview import overview
from sidecar.page import add_status_page
from sidecar.page_fetch import FetchError, fetch
from sidecar.page_url import PageUrl
from sidecar.probe import run_probe
from sidecar.probe_spec import ProbeSpec
from sidecar.sampling import status_sources, status_tickers
from sidecar.schedule import first_delay_s
from sidecar.signals import EndingWatch
from sidecar.state import State
from sidecar.stats import StatsError, read_cache
from sidecar.ticker import Ticker
from sidecar.web import create_app

GATHER_MIN_S = 1.0
"""kubedns's page costs it a thousand times what the counters of the front cost that."""


def serve(options: Options, *, without_effect: Sequence[str] = ()) -> int:
    """Run until a signal or a failure; the exit code. Raises StartError."""
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    logger = log.get_logger("sidecar")
    ending_watch = EndingWatch()
    ending_watch.install()
    sock = listen(options.prometheus_addr, options.prometheus_port)
    if without_effect:
        logger.info("flags without effect", flags=",".join(without_effect))
    state = State(options.probes, tries=1 + options.probe_retries)
    registry = build_registry(state, namespace=options.prometheus_namespace)
    application = create_app(state, registry, metrics_path=options.prometheus_path)
    status = status_sources(options, state)
    add_status_page(
        application,
        partial(overview, status),
        metrics_path=options.prometheus_path,
        explain_types=TYPES,
    )
    add_explain_page(application, walker(options).view)
    http = HttpServer(application, sock, failed=ending_watch.fail, quick=HealthPages(state))

    parts = Parts()
    for ticker in (*_tickers(options, state, logger=logger), *status_tickers(status)):
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
    probe_round = partial(_probe_round, state, retries=options.probe_retries, logger=logger)
    tickers = [
        Ticker(
            f"probe-{spec.label}",
            partial(probe_round, spec),
            interval_s=spec.interval_s,
            first_delay_s=first_delay_s(spec.interval_s, fraction=random.random()),
        )
        for spec in options.probes
    ]
    interval_s = options.dnsmasq_poll_interval_ms / 1000
    poll = partial(_poll_round, options.dnsmasq, state, logger=logger)
    tickers.append(Ticker("poll-dnsmasq", poll, interval_s=interval_s))
    if options.kubedns_metrics is not None:
        gather = partial(_gather_round, options.kubedns_metrics, state, logger=logger)
        tickers.append(Ticker("poll-kubedns", gather, interval_s=max(interval_s, GATHER_MIN_S)))
    return tickers


def _probe_round(state: State, spec: ProbeSpec, *, retries: int, logger: log.Logger) -> None:
    result = run_probe(spec, retries=retries)
    changed = state.record_probe(spec.label, result)
    latency_ms = round(result.latency_s * 1000, 3)
    if changed and result.ok:
        logger.info("probe is ok", label=spec.label, server=spec.server, latency_ms=latency_ms)
    elif changed:
        logger.warning("probe failed", label=spec.label, server=spec.server, error=result.error)
    elif logger.v(3):
        logger.info("probed", label=spec.label, latency_ms=latency_ms, error=result.error or "")


def _poll_round(server: ServerAddress, state: State, *, logger: log.Logger) -> None:
    ask_text = partial(ask, server, rdtype="TXT", rdclass="CH")
    try:
        state.record_cache(read_cache(ask_text))
    except (ExchangeError, StatsError) as error:
        state.record_cache_error()
        if logger.v(2):
            logger.warning("cannot read the cache counters", server=server, error=str(error))
        return
    try:
        # EDNS, as the strings about many servers do not fit in 512 octets.
        state.record_front(read_front(partial(ask_text, edns=True)))
    except ExchangeError as error:
        # A server that says nothing to names it does not know has counters all the same.
        state.record_front(FrontSample({}))
        if logger.v(3):
            logger.info("cannot read more figures", server=server, error=str(error))


def _gather_round(url: PageUrl, state: State, *, logger: log.Logger) -> None:
    """kubedns without metrics is no fault: nothing is said unless there were some before."""
    try:
        if state.record_daemon(read_page(fetch(url))):
            logger.info("kubedns shows its metrics", url=url)
    except (FetchError, PageError) as error:
        if state.record_daemon_error():
            logger.warning("kubedns shows its metrics no more", url=url, error=str(error))
