"""The composition root of kubedns: the only place where its parts meet.

Start: sockets, then pages, then the loop answers while the API client loads and the watches
begin. End: readiness goes, queries are answered until nobody asks, then everything stops.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import time
from functools import partial

from dnscore import VERSION
from dnscore.configdir import DirectoryPoller
from dnscore.drain import Ending
from dnscore.garbage import collect_seldom
from dnscore.httpd import HttpServer, Route, bind_http
from dnscore.lifecycle import EXIT_OK, Parts, StartError
from dnscore.log import get_logger
from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.tcp import TcpListener, bind_tcp
from dnscore.net.udp import UdpListener, bind_udp
from dnscore.resolvconf import ResolvConfFile
from dnscore.wire import names
from kubedns.config import Nameservers
from kubedns.config_map import ConfigMapSource
from kubedns.endpoint_names import POD
from kubedns.explain.page import ExplainSources, explain_route
from kubedns.handler import Identity, KubednsHandler
from kubedns.inbox import Inbox
from kubedns.k8s.options import ClientOptions, WatchOptions
from kubedns.last_changes import LastChanges
from kubedns.notify import Notifier
from kubedns.notifying import Notifying
from kubedns.options import MetricsOptions, Options
from kubedns.own_address import is_own_address
from kubedns.pod_names import VERIFIED
from kubedns.reverse import ROOTS
from kubedns.rows import CONFIG_MAPS, Batch
from kubedns.status import Facts, missing_resources
from kubedns.status_page import Snapshot, status_json_route
from kubedns.stub_hosts import StubHosts
from kubedns.treecache import TreeCache
from kubedns.upstream import Upstream
from kubedns.watches import Watches
from kubedns.web import cache_route, status_routes
from kubedns.zone import ZoneOptions

BEAT_S = 1.0
"""How often files are looked at, and how old the sign of life of the loop may get."""
DESCRIPTORS = 4096
SWITCH_S = 0.0005
"""How long another thread may go on when the loop wants the interpreter. Python's own 5 ms would be
the delay of every packet that comes while a list is decoded."""

_log = get_logger("kubedns")


def serve(options: Options) -> int:
    """Run until a signal ends it; returns the exit code. Raises StartError."""
    _raise_descriptor_limit()
    sys.setswitchinterval(SWITCH_S)
    collect_seldom()
    parts = Parts()
    try:
        return Daemon(options, parts).run()
    finally:
        parts.stop_all()


class Daemon:
    """One running kubedns."""

    def __init__(self, options: Options, parts: Parts) -> None:
        """Bind every port; a signal that comes meanwhile waits for `run`. Raises StartError."""
        self._options = options
        self._parts = parts
        self._loop = loop = Loop()
        parts.started("loop", loop.close)
        self._started_at = self._beat_at = loop.now()
        self._ending = Ending(
            loop,
            lameduck_s=options.lameduck_s,
            received=lambda: self._udp.received + self._tcp.received,
            pending=lambda: self._upstream.pending,
        )
        self._failure = ""
        self._is_settled = False
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.on_signal(number, self._end)
        # A terminal that goes away, or a habit of reloading by signal, must not end DNS.
        loop.on_signal(signal.SIGHUP, lambda: _log.info("SIGHUP has no effect"))
        self._bind_dns()
        self._inbox = Inbox(loop, self._tree, changed=self._changed, wall_clock=time.time)
        self._watches = Watches(
            ClientOptions(kubeconfig=options.kubecfg_file, master_url=options.kube_master_url),
            WatchOptions(
                endpoints_source=options.endpoints_source,
                config_map=options.config_map,
                pod_names=options.endpoint_names == POD,
                pods=options.pods == VERIFIED,
            ),
            deliver=self._deliver,
            broken=self._watching_broken,
        )
        self._start_pages()

    def _changed(self, changed: frozenset[bytes]) -> None:
        """Answers at and below these names differ from now on."""
        self._last_changes.note(changed, self._loop.now())
        self._handler.changed(changed)
        self._notifying.changed(changed, serial=self._tree.serial)

    def _deliver(self, batch: Batch) -> None:
        """From the watch threads."""
        if self._config_map and batch.resource == CONFIG_MAPS:
            self._config_map.deliver(batch)
        else:
            self._inbox.deliver(batch)

    def _bind_dns(self) -> None:
        """The sockets and what answers on them."""
        options, loop, parts = self._options, self._loop, self._parts
        address = Address(options.dns_bind_address, options.dns_port)
        udp, tcp = bind_udp(address, flag="--dns-port"), bind_tcp(address, flag="--dns-port")
        zone = ZoneOptions(
            domain=names.from_text(options.domain),
            endpoint_names=options.endpoint_names,
            pods=options.pods,
        )
        self._tree = TreeCache(zone, place=lambda: self._watches.zone_and_region())
        self._last_changes = LastChanges(zone.domain)
        self._make_upstream(address)
        self._handler = handler = KubednsHandler(
            self._tree,
            upstream=self._upstream,
            now=loop.now,
            identity=Identity(version=f"kube-dns-{VERSION}", hostname=socket.gethostname()),
            on_failure=_log_failure,
        )
        self._udp = UdpListener(
            loop, udp, handler, prebuilt=handler.prebuilt, apart=handler.prebuilt_absent
        )
        notifier = Notifier(
            options.notify, zone=zone.domain, roots=ROOTS, random_id=partial(os.urandom, 2)
        )
        self._notifying = Notifying(loop, self._udp, notifier)
        handler.notify_response = self._notifying.response
        self._tcp = TcpListener(loop, tcp, handler)
        parts.started("UDP", self._udp.close)
        parts.started("TCP", self._tcp.close)
        parts.started("upstream", self._upstream.close)

    def _make_upstream(self, own: Address) -> None:
        """Other servers, and which of them is asked for what."""
        options = self._options
        self._config_map = options.config_map and ConfigMapSource(*options.config_map)
        directory = options.config_dir and DirectoryPoller(
            options.config_dir, period_s=options.config_period_s
        )
        self._stub_hosts = StubHosts(
            self._tree, lambda name, qtype, done: self._upstream.resolve(name, qtype, done)
        )
        self._nameservers = Nameservers(
            fixed=options.nameservers,
            source=directory or self._config_map or None,
            resolv_conf=ResolvConfFile(),
            is_own=partial(is_own_address, own),
            host_addresses=self._stub_hosts.addresses,
        )
        self._upstream = Upstream(
            self._loop, self._nameservers.servers_for, random_bytes=os.urandom
        )

    def run(self) -> int:
        """Answer until the end. Raises StartError when there is no way to reach an API server."""
        loop = self._loop
        self._beat()
        loop.call_later(self._options.initial_sync_timeout_s, self._tell_missing)
        self._watches.start()
        self._parts.started("watches", self._watches.stop)
        self._parts.started("inbox", self._inbox.close)
        _log.info("answering", udp=self._udp.address, tcp=self._tcp.address)
        loop.run()
        if self._failure:
            raise StartError(self._failure)
        _log.info("ended")
        return EXIT_OK

    def _start_pages(self) -> None:
        routes = status_routes(self._facts)
        routes["/cache"] = cache_route(self._loop, self._tree)
        routes["/status.json"] = status_json_route(self._options, self._snapshot)
        routes["/explain"] = explain_route(
            ExplainSources(
                loop=self._loop,
                tree=self._tree,
                changes=self._last_changes,
                servers_for=self._nameservers.servers_for,
                facts=self._facts,
                version_of=self._watches.version_of,
                not_ready=self._watches.not_ready,
            )
        )
        servers = [(self._options.healthz_port, "--healthz-port", routes)]
        if self._options.metrics is not None:
            path = self._options.metrics.path
            page = {path: self._metrics_page(self._options.metrics)}
            servers.append((self._options.metrics.port, "PROMETHEUS_PORT", page))
        for port, flag, pages in servers:
            self._serve_pages(bind_http(port, flag=flag), pages)
        if self._options.profiling:
            self._serve_profiles()

    def _serve_profiles(self) -> None:
        from kubedns.profiling import HOST, PORT, debug_routes

        try:
            sock = bind_http(PORT, host=HOST, flag="--profiling=false")
        except StartError as error:  # Nobody's DNS is to wait for a look inside.
            _log.error("no profiles are served", reason=str(error))
        else:
            self._serve_pages(sock, debug_routes())

    def _serve_pages(self, sock: socket.socket, pages: dict[str, Route]) -> None:
        server = HttpServer(sock, pages)
        server.start()
        self._parts.started(f"HTTP {server.port}", server.close)

    def _metrics_page(self, options: MetricsOptions) -> Route:
        # Costs some megabytes that are not spent when nobody asked for metrics.
        from kubedns.metrics import Figures, metrics_route

        def figures() -> Figures:
            return Figures(
                facts=self._facts(),
                dns=self._handler.totals(
                    hits=self._udp.prebuilt_hits, absent_hits=self._udp.apart_hits
                ),
                built=self._handler.counters.auth.requests,
                prebuilt=(
                    self._udp.prebuilt_hits + self._udp.apart_hits + self._handler.tallies.hits
                ),
                upstream_tries=self._upstream.counters.tries,
                upstream_failures=self._upstream.counters.failures,
                upstream_pending=self._upstream.pending,
                config_rejected=self._nameservers.rejected,
                changes=self._inbox.changes,
                longest_apply_s=self._inbox.longest_slice_s,
                serial=self._tree.serial,
                notify=self._notifying.targets,
            )

        return metrics_route(options, figures)

    def _facts(self) -> Facts:
        """From any thread: each of these is one read."""
        return Facts(
            synced=self._tree.synced,
            draining=self._ending.draining,
            beat_age_s=self._loop.now() - self._beat_at,
            watches=self._watches.statuses(),
            now=self._loop.now(),
        )

    def _snapshot(self) -> Snapshot:
        """From any thread, as `_facts`."""
        facts = self._facts()
        dns = self._handler.totals(hits=self._udp.prebuilt_hits, absent_hits=self._udp.apart_hits)
        return Snapshot(
            facts,
            uptime_s=facts.now - self._started_at,
            requests=dns.auth.requests + dns.reverse.requests + dns.recursive.requests,
            upstream_tries=self._upstream.counters.tries,
            upstream_failures=self._upstream.counters.failures,
            serial=self._tree.serial,
            changes=self._inbox.changes,
            config_rejected=self._nameservers.rejected,
            notify=self._notifying.targets,
        )

    def _beat(self) -> None:
        self._beat_at = self._loop.now()
        self._loop.call_later(BEAT_S, self._beat)
        self._nameservers.poll(self._beat_at)
        self._stub_hosts.poll(self._beat_at, self._nameservers.stub_hosts)
        configured = self._options.config_dir or self._options.config_map
        federations = self._nameservers.config.federations
        changed = self._tree.set_federations(
            federations if configured else self._options.federations
        )
        if changed:
            self._changed(changed)
        if self._tree.synced and not self._is_settled:
            # The rows of the first lists are no garbage; to look through 150,000 of them for
            # some would hold up queries for tens of milliseconds.
            self._is_settled = True
            gc.freeze()

    def _watching_broken(self, reason: str) -> None:
        def fail() -> None:
            self._failure = f"{reason}; see --kubecfg-file and --kube-master-url"
            self._loop.stop()

        self._loop.call_from_thread(fail)

    def _tell_missing(self) -> None:
        if self._tree.synced or self._ending.draining:
            return
        watches = self._watches.statuses()
        _log.error(
            "still without a first list, trying on",
            missing=",".join(missing_resources(watches)),
            last_error="; ".join(dict.fromkeys(w.last_error for w in watches if w.last_error)),
        )
        self._loop.call_later(
            max(self._options.initial_sync_timeout_s, BEAT_S), self._tell_missing
        )

    def _end(self) -> None:
        """SIGTERM or SIGINT."""
        if self._ending.draining:
            _log.info("second signal, ending at once")
        else:
            _log.info("draining", lameduck_s=self._options.lameduck_s)
        self._ending.begin()


def _raise_descriptor_limit() -> None:
    """Each TCP client and each forwarded question has a socket; the usual soft limit is 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _log_failure(error: Exception) -> None:
    _log.error("a query failed", error=repr(error))
