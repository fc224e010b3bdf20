"""The front as a process: the one place where its parts meet sockets, signals and clocks."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Sequence

from dnscore import VERSION, log
from dnscore.drain import Ending
from dnscore.lifecycle import EXIT_OK, Parts
from dnscore.log import get_logger
from dnscore.loop import Loop
from dnscore.net.tcp import TcpListener
from dnscore.net.udp import UdpListener
from dnscore.wire import names
from dnscore.wire.const import TYPE_NAMES
from dnscore.wire.query import Query
from dnsmasq_front.cache import Cache
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.cli import parse_options
from dnsmasq_front.forwarder import TICK_S, Forwarder
from dnsmasq_front.listening import Bound
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.prebuilt import TICK_S as PREBUILT_TICK_S
from dnsmasq_front.prebuilt import Prebuilt
from dnsmasq_front.routes import Routes
from dnsmasq_front.server import FrontServer
from dnsmasq_front.shared_counters import Counts, WorkerCounters
from dnsmasq_front.transport import Sockets
from dnsmasq_front.upstreams import Upstreams
from dnsmasq_front.workers import FORWARDED, Place, only_place, run_workers

_RANDOM_BLOCK = 4096


def random_ids() -> Callable[[], bytes]:
    """A source of two unpredictable octets a call, from the system's generator in blocks."""
    block, at = b"", _RANDOM_BLOCK

    def take() -> bytes:
        nonlocal block, at
        if at >= _RANDOM_BLOCK:
            block, at = os.urandom(_RANDOM_BLOCK), 0
        at += 2
        return block[at - 2 : at]

    return take


def _random_turn() -> int:
    return random.getrandbits(16)


class FrontApp:
    """A running front, or one worker of it."""

    def __init__(self, options: FrontOptions, place: Place) -> None:
        """`place` has the sockets to serve on, which are closed at the end."""
        self._options = options
        self._place = place
        self._counters = WorkerCounters(place.table, place.number, read=self._counts)
        self._who = {"worker": place.number} if place.workers > 1 else {}
        self._log = get_logger("front")
        self._loop = Loop()
        self._parts = Parts()
        self._cache = Cache(options.cache)
        self._sockets = Sockets(self._loop, random_id=random_ids())
        self._prebuilt = Prebuilt(random_turn=_random_turn)
        self._forwarder = Forwarder(
            Routes(), self._cache, self._sockets, group_max=options.group_max
        )
        self._sockets.answers = self._forwarder
        self._server = FrontServer(
            self._cache,
            self._forwarder,
            Chaos(self._chaos_texts()),
            self._prebuilt,
            clock=self._loop.now,
            random_turn=_random_turn,
            report=self._report,
        )
        if options.log_queries:
            self._server.query_log = self._log_query
        self._upstreams = Upstreams(options, use=self._use_routes)
        self._udp: list[UdpListener] = []
        self._tcp: list[TcpListener] = []
        self._ending = Ending(
            self._loop,
            lameduck_s=options.lameduck_s,
            # A worker that ended while others are asked would take its share of clients with it.
            received=lambda: self._counters.total().received,
            pending=lambda: self._forwarder.outstanding,
        )

    def run(self) -> int:
        """Serve until a signal ends it; returns the exit code."""
        try:
            for bound in self._place.bound:
                self._serve_on(bound)
            self._handle_signals()
            self._upstreams.poll(self._loop.now())
            self._tick()
            self._tick_prebuilt()
            if self._options.log_interval_s:
                self._loop.call_later(self._options.log_interval_s, self._log_statistics_again)
            self._loop.run()
        finally:
            self._parts.stop_all()
            self._sockets.close()
            self._loop.close()
        self._log.info("stopped")
        return EXIT_OK

    def _serve_on(self, bound: Bound) -> None:
        address = bound.address
        udp = UdpListener(self._loop, bound.udp, self._server, prebuilt=self._prebuilt.plain)
        self._udp.append(udp)
        self._parts.started(f"udp {address}", udp.close)
        tcp = TcpListener(self._loop, bound.tcp, self._server)
        self._tcp.append(tcp)
        self._parts.started(f"tcp {address}", tcp.close)
        self._log.info("serving", address=address, cache_size=self._options.cache.records)

    def _handle_signals(self) -> None:
        on_signal = self._loop.on_signal
        for number in (signal.SIGTERM, signal.SIGINT):
            on_signal(number, self._terminate)
        on_signal(signal.SIGHUP, self._flush)
        on_signal(signal.SIGUSR1, self._log_statistics)
        # The stock image's stop signal: dnsmasq ignores it, and goes on answering.
        on_signal(signal.SIGCONT, lambda: None)
        # A worker is born with them blocked, as it had no handlers then.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)

    def _terminate(self) -> None:
        if self._ending.draining:
            self._log.info("second signal, ending at once")
        else:
            self._log.info("draining", lameduck_s=self._options.lameduck_s)
        self._ending.begin()

    def _flush(self) -> None:
        self._cache.flush()
        self._prebuilt.clear()
        self._counters.flushed()
        self._log.info("cache flushed")

    def _use_routes(self, routes: Routes) -> None:
        self._forwarder.use_routes(routes)
        for route in routes.all:
            domain = names.to_text(route.domain)
            servers = ",".join(str(server) for server in route.servers) or "local only"
            self._log.info("using servers", domain=domain, servers=servers)
        if routes.default is None:
            self._log.warning("no upstream servers configured")

    def _tick(self) -> None:
        # First of all: without the next tick no try would ever end again.
        self._loop.call_later(TICK_S, self._tick)
        now = self._loop.now()
        self._forwarder.on_timer(now)
        self._upstreams.poll(now)
        self._counters.publish()

    def _tick_prebuilt(self) -> None:
        self._loop.call_later(PREBUILT_TICK_S, self._tick_prebuilt)
        self._prebuilt.tick()

    def _hits(self) -> int:
        return self._server.hits + sum(listener.prebuilt_hits for listener in self._udp)

    def _counts(self) -> Counts:
        """What this process has counted since it began."""
        return Counts(
            received=sum(u.received for u in self._udp) + sum(t.received for t in self._tcp),
            hits=self._hits(),
            misses=self._forwarder.forwarded,
            insertions=self._cache.insertions,
            evictions=self._cache.evictions,
        )

    def _chaos_texts(self) -> dict[str, Callable[[], str]]:
        total = self._counters.total
        # As insertions and evictions are those of all workers, so is the room they share.
        size = self._options.cache.records * self._place.workers
        return {
            "cachesize.bind": lambda: str(size),
            "insertions.bind": lambda: str(total().insertions),
            "evictions.bind": lambda: str(total().evictions),
            "hits.bind": lambda: str(total().hits),
            "misses.bind": lambda: str(total().misses),
        }

    def _log_query(self, query: Query, source: tuple[str, int]) -> None:
        qtype = TYPE_NAMES.get(query.qtype, f"TYPE{query.qtype}")
        self._log.info("query", type=qtype, name=names.to_text(query.name), client=source[0])

    def _report(self, failure: Exception) -> None:
        self._log.error("a query failed in our own code", error=repr(failure))

    def _log_statistics(self) -> None:
        cache, forwarder = self._cache, self._forwarder
        self._log.info(
            "cache",
            size=self._options.cache.records,
            records=cache.records,
            bytes=cache.bytes,
            insertions=cache.insertions,
            evictions=cache.evictions,
            **self._who,
        )
        self._log.info(
            "queries",
            forwarded=forwarder.forwarded,
            answered_locally=self._hits(),
            failed=forwarder.failed + forwarder.failed_full,
            outstanding=forwarder.outstanding,
            **self._who,
        )
        for group in forwarder.groups.values():
            for server in group.servers:
                self._log.info(
                    "server",
                    address=server.address,
                    queries_sent=server.sent,
                    failed=server.failed,
                    latency_ms=f"{server.srtt_s * 1000:.1f}",
                    **self._who,
                )

    def _log_statistics_again(self) -> None:
        self._log_statistics()
        self._loop.call_later(self._options.log_interval_s, self._log_statistics_again)


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m dnsmasq_front`. Raises UsageError or StartError."""
    options = parse_options(argv)
    if isinstance(options, str):
        sys.stdout.write(options)
        return EXIT_OK
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    logger = get_logger("front")
    logger.info("starting", version=VERSION)
    if options.ignored_flags:
        logger.info("flags accepted without effect", flags=",".join(options.ignored_flags))
    if options.workers > 1:
        return run_workers(
            options.listen, options.workers, serve=lambda place: FrontApp(options, place).run()
        )
    return FrontApp(options, only_place(options.listen)).run()
