"""The front as a process: the one place where its parts meet sockets, signals and clocks."""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from struct import Struct

from dnscore import VERSION, log
from dnscore.drain import Ending
from dnscore.garbage import collect_seldom
from dnscore.lifecycle import EXIT_OK, Parts, StartError
from dnscore.log import get_logger
from dnscore.log_queue import LineQueue
from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.tcp import Places, TcpListener
from dnscore.net.udp import UdpListener
from dnscore.wire import names
from dnscore.wire.const import NOERROR
from dnscore.wire.query import Query, parse_query
from dnsmasq_front.cache import Cache
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.cli import parse_options
from dnsmasq_front.conf_file import DEFAULT_FILE
from dnsmasq_front.counting import Counting
from dnsmasq_front.explain import FrontParts
from dnsmasq_front.explain_page import explain_route
from dnsmasq_front.forwarder import TICK_S, Forwarder
from dnsmasq_front.groups import Policy
from dnsmasq_front.host_files import HostFiles
from dnsmasq_front.listening import Bound, with_interfaces
from dnsmasq_front.local import LocalData
from dnsmasq_front.look_up import HostLookUp
from dnsmasq_front.named_servers import NamedServers
from dnsmasq_front.notify import Notices
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.pages import json_route, serve_pages
from dnsmasq_front.popular import Popular
from dnsmasq_front.prebuilt import TICKS, Prebuilt, tick_before
from dnsmasq_front.probes import LoopDetector
from dnsmasq_front.query_log import LoggedTransport, QueryLog
from dnsmasq_front.routes import Routes
from dnsmasq_front.screen import Screen
from dnsmasq_front.server import FrontServer
from dnsmasq_front.siblings import Siblings
from dnsmasq_front.status import StatusSources, status_json
from dnsmasq_front.transport import Sockets
from dnsmasq_front.upstreams import Upstreams
from dnsmasq_front.workers import FORWARDED, Place, only_place, run_workers

REBINDING_LOG_S = 1.0
"""The least time between two lines about rebinding: an attacker must not fill the log."""
_RANDOM_BLOCK = 4096


def random_octets() -> Callable[[int], bytes]:
    """A source of at most 256 unpredictable octets a call, from the system's in blocks."""
    block, at = b"", _RANDOM_BLOCK

    def take(count: int) -> bytes:
        nonlocal block, at
        if at + count > _RANDOM_BLOCK:
            block, at = os.urandom(_RANDOM_BLOCK), 0
        at += count
        return block[at - count : at]

    return take


def random_ids() -> Callable[[], bytes]:
    """A source of two unpredictable octets a call."""
    blocks = iter(partial(os.urandom, _RANDOM_BLOCK), None)
    pairs = chain.from_iterable(map(Struct("2s").iter_unpack, blocks))
    # Without a line of Python per ID: one is drawn for each question.
    return chain.from_iterable(pairs).__next__


def log_lines(facility: str) -> LineQueue:
    """Where the log goes: the file at a path, else stderr. Raises StartError."""
    path = facility if "/" in facility else None
    try:
        return LineQueue(sys.stderr.fileno(), path=path)
    except OSError as error:
        raise StartError(f"--log-facility: {error.strerror}: {path}") from None


def born(now: float) -> float:
    """Since when an answer that comes now counts as old: TTLs are not all to fall together."""
    return tick_before(now, random.randrange(TICKS))


class FrontApp:
    """A running front, or one worker of it."""

    def __init__(self, options: FrontOptions, place: Place, *, secret: bytes) -> None:
        """`place` has the sockets to serve on, which are closed at the end.

        `secret` is known to all workers and to nobody else.
        """
        self._options = options
        self._place = place
        self._who = {"worker": place.number} if place.workers > 1 else {}
        self._log = get_logger("front")
        self._loop = Loop()
        self._parts = Parts()
        self._prebuilt = Prebuilt(begin=self._begin_prebuilt)
        self._cache = Cache(options.cache, forget=self._prebuilt.drop, born=born)
        self._sockets = Sockets(self._loop, random_id=random_ids())
        self._local = LocalData(options.local)
        self._hosts = HostFiles(options.hosts, ttl_s=options.local.ttl_s)
        self._rebinding_told = float("-inf")
        self._query_log = None
        if options.log_queries:
            self._query_log = QueryLog(self._log.info, extra=options.log_extra)
        self._forwarder = self._make_forwarder(secret)
        self._sockets.answers = self._forwarder
        self._notices = Notices(
            drop=self._forwarder.drop,
            distrust=self._forwarder.keeper.distrust,
            routes=lambda: self._forwarder.routes,
        )
        self._forwarder.keeper.are_told = self._notices.are_told
        self._siblings = None
        if place.workers > 1:
            self._siblings = Siblings(self._loop, place.number, place.pairs, told=self._told)
        self._places = Places(options.max_tcp_connections)
        self._popular: Popular | None = None
        self._counting = self._make_counting()
        self._server = self._make_server()
        look_up = HostLookUp(self._forwarder, options.kubedns_server, clock=self._loop.now)
        self._upstreams = Upstreams(options, NamedServers(look_up), use=self._use_routes)
        self._ending = Ending(
            self._loop,
            lameduck_s=options.lameduck_s,
            # A worker that ended while others are asked would take its share of clients with it.
            received=lambda: self._counting.total().received,
            pending=lambda: self._forwarder.outstanding,
        )

    def _make_counting(self) -> Counting:
        return Counting(
            self._options,
            self._place,
            cache=self._cache,
            forwarder=self._forwarder,
            server=lambda: self._server,
            notices=self._notices,
            connections=self._places,
        )

    def _make_server(self) -> FrontServer:
        server = FrontServer(
            self._cache,
            self._forwarder,
            Chaos(self._counting.texts(), ident=not self._options.no_ident),
            self._prebuilt,
            # What is read in a turn had come when it began: there is no need of another clock.
            clock=partial(getattr, self._loop, "woken_at"),
            random_turn=partial(random.getrandbits, 16),
            report=self._report,
            round_robin=self._options.round_robin,
            udp_max=self._options.edns_packet_max,
        )
        server.query_log = self._query_log
        server.notified = self._notified
        return server

    def _make_forwarder(self, secret: bytes) -> Forwarder:
        options, query_log = self._options, self._query_log
        return Forwarder(
            Routes(),
            self._cache,
            LoggedTransport(self._sockets, query_log) if query_log else self._sockets,
            local=self._local,
            random_bytes=random_octets(),
            policy=Policy(options.group_max, options.all_servers, options.strict_order),
            loops=LoopDetector(secret, found=self._log_loop) if options.loop_detect else None,
            screen=Screen(options.screen, self._local, report=self._log_rebinding),
        )

    def run(self) -> int:
        """Serve until a signal ends it; returns the exit code. Raises StartError."""
        self._lines = log_lines(self._options.log_facility)
        log.write_to(self._lines)
        try:
            self._serve()
            self._log.info("stopped")
        finally:
            log.write_to(None)
            self._lines.close()
        return EXIT_OK

    def _serve(self) -> None:
        try:
            for bound in self._place.bound:
                self._serve_on(bound)
            self._handle_signals()
            self._serve_status()
            self._read_hosts()
            self._look_at_files()
            self._begin_ticks()
            # What is there now stays; a full collection that looks through it holds up queries.
            gc.freeze()
            collect_seldom()
            self._loop.run()
        finally:
            self._parts.stop_all()
            self._sockets.close()
            self._loop.close()

    def _serve_on(self, bound: Bound) -> None:
        address = bound.address
        udp = UdpListener(self._loop, bound.udp, self._server, prebuilt=self._prebuilt.plain)
        self._counting.udp.append(udp)
        self._parts.started(f"udp {address}", udp.close)
        tcp = TcpListener(self._loop, bound.tcp, self._server, places=self._places)
        self._counting.tcp.append(tcp)
        self._parts.started(f"tcp {address}", tcp.close)
        self._log.info("serving", address=address, cache_size=self._options.cache.records)

    def _serve_status(self) -> None:
        """Pages for people and for the sidecar; of several workers the first one has them."""
        if self._options.status_address is None or self._place.number:
            return
        now = self._loop.now
        self._popular = Popular(now=now())
        sources = StatusSources(
            self._options,
            self._place.workers,
            self._cache,
            self._forwarder,
            self._notices,
            self._counting,
            self._popular,
            started=now(),
        )
        status = json_route(self._loop, lambda: status_json(sources, now=now()))
        explained = explain_route(self._loop, self._explained, workers=self._place.workers)
        routes = {"/status.json": status, "/explain": explained}
        serve_pages(self._options.status_address, routes, self._parts)

    def _explained(self) -> FrontParts:
        forwarder = self._forwarder
        return FrontParts(
            self._cache,
            self._local,
            forwarder.routes,
            group_of=forwarder.groups.get,
            are_told=self._notices.are_told,
            group_max=self._options.group_max,
        )

    def _handle_signals(self) -> None:
        on_signal = self._loop.on_signal
        for number in (signal.SIGTERM, signal.SIGINT):
            on_signal(number, self._terminate)
        on_signal(signal.SIGHUP, self._reload)
        on_signal(signal.SIGUSR1, self._log_statistics)
        on_signal(signal.SIGUSR2, self._lines.reopen)
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

    def _reload(self) -> None:
        """SIGHUP: read again what is not watched, and forget what others said."""
        self._read_hosts()
        self._upstreams.reread(self._loop.now())
        self._flush()

    def _read_hosts(self) -> None:
        known = self._hosts.read()
        if known is not None:
            self._local.names = known

    def _notified(self, query: Query, source: Address | None) -> int | None:
        """A NOTIFY has come; acknowledged only when all workers know of it."""
        rcode = self._notices.take(query, source, now=self._loop.now())
        if rcode == NOERROR and self._siblings and source:
            return rcode if self._siblings.tell(query.wire, source) else None
        return rcode

    def _told(self, wire: bytes, source: Address) -> None:
        """Another worker has taken a NOTIFY."""
        self._notices.learn(parse_query(wire), source, now=self._loop.now())

    def _flush(self) -> None:
        self._forwarder.drop(names.ROOT)  # What is under way is not kept, either.
        self._cache.flush()
        self._prebuilt.clear()
        self._counting.flushed()
        self._log.info("cache flushed")

    def _use_routes(self, routes: Routes) -> None:
        self._forwarder.use_routes(routes, now=self._loop.now())
        if self._options.clear_on_reload and len(self._cache):
            self._flush()
        self._sockets.keep_only({server for route in routes.all for server in route.servers})
        for route in routes.all:
            domain = names.to_text(route.domain)
            servers = ",".join(str(server) for server in route.servers)
            servers = servers or ("local only" if route.is_local else "address not known yet")
            self._log.info("using servers", domain=domain, servers=servers)
        if routes.default is None:
            self._log.warning("no upstream servers configured")

    def _begin_ticks(self) -> None:
        """What is done again and again: each at its own time, so that queries wait for one."""
        again = self._loop.call_again
        again(0.0, lambda: self._forwarder.on_timer(self._loop.now()))
        again(TICK_S / 3, self._tick)
        again(TICK_S * 2 / 3, self._look_at_files)
        if self._options.log_interval_s:
            again(self._options.log_interval_s, self._log_statistics_again)

    def _begin_prebuilt(self, after_s: float) -> None:
        loop, used = self._loop, self._cache.used_again
        loop.call_again(after_s, lambda: self._prebuilt.end(loop.now(), used))

    def _tick(self) -> float:
        now = self._loop.now()
        self._notices.on_timer(now)
        self._counting.on_timer()
        if self._popular is not None:
            self._popular.sample(self._counting.udp, self._forwarder.routes, now=now)
        return TICK_S

    def _look_at_files(self) -> float:
        now = self._loop.now()
        self._upstreams.poll(now)
        if self._hosts.poll(now):
            self._read_hosts()
            self._flush()  # Others may have been asked for names that are known here now.
        return TICK_S

    def _log_loop(self, server: Address) -> None:
        # dnsmasq's words, which people look for.
        shown = f"{server.host}#{server.port}"
        self._log.warning(f"NOT using nameserver {shown} - query loop detected")

    def _log_rebinding(self, name: bytes) -> None:
        now = self._loop.now()
        if now >= self._rebinding_told + REBINDING_LOG_S:
            self._rebinding_told = now
            # dnsmasq's words, which people look for.
            message = "possible DNS-rebind attack detected"
            self._log.warning(message, name=names.to_text(name))

    def _report(self, failure: Exception) -> None:
        self._log.error("a query failed in our own code", error=repr(failure))

    def _log_statistics(self) -> None:
        for line in self._counting.lines(epoch_s=int(time.time())):
            self._log.info(line)  # dnsmasq's words, which tools read.
        self._log.info("counted here", **self._counting.summary(), **self._who)
        self._counting.looked_at()

    def _log_statistics_again(self) -> float:
        self._log_statistics()
        return self._options.log_interval_s


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m dnsmasq_front`. Raises UsageError or StartError."""
    options = parse_options(argv, default_conf=DEFAULT_FILE)
    if isinstance(options, str):
        sys.stdout.write(options)
        return EXIT_OK
    options = with_interfaces(options)
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    logger = get_logger("front")
    logger.info("starting", version=VERSION)
    if options.ignored_flags:
        logger.info("flags accepted without effect", flags=",".join(options.ignored_flags))
    secret = os.urandom(16)
    if options.workers > 1:
        return run_workers(
            options.listen,
            options.workers,
            serve=lambda place: FrontApp(options, place, secret=secret).run(),
        )
    return FrontApp(options, only_place(options.listen), secret=secret).run()
