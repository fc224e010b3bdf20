"""What this worker counts, and with it what all of them have counted together."""

from __future__ import annotations

from collections.abc import Callable

from dnscore.net.tcp import Places, TcpListener
from dnscore.net.udp import UdpListener
from dnsmasq_front.cache import Cache
from dnsmasq_front.figures import Sizes, bind_texts, statistics_lines
from dnsmasq_front.forwarder import Forwarder
from dnsmasq_front.notify import Notices
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.server import FrontServer
from dnsmasq_front.shared_counters import Counts, WorkerCounters
from dnsmasq_front.shared_servers import ServerCounts
from dnsmasq_front.workers import Place


class Counting:
    """The counts of a running front. `udp` and `tcp` are its listeners."""

    def __init__(
        self,
        options: FrontOptions,
        place: Place,
        *,
        cache: Cache,
        forwarder: Forwarder,
        server: Callable[[], FrontServer],
        notices: Notices,
        connections: Places,
    ) -> None:
        """`server` gives the server, which is made later: it tells of these counts itself."""
        self._place = place
        self._cache = cache
        self._forwarder = forwarder
        self._server = server
        self._notices = notices
        self._connections = connections
        self.udp: list[UdpListener] = []
        self.tcp: list[TcpListener] = []
        self._octets_highest = 0
        self._counters = WorkerCounters(place.table, place.number, read=self.own)
        self._servers_before = place.servers[place.number]
        workers = place.workers
        self._sizes = Sizes(
            records=options.cache.records * workers,
            octets=cache.bytes_max * workers,
            connections=options.max_tcp_connections * workers,
            may_be_stale=bool(options.cache.stale_s),
        )

    def own(self) -> Counts:
        """What this process has counted since it began."""
        server, notices, cache = self._server(), self._notices.counters, self._cache
        self._octets_highest = max(self._octets_highest, cache.bytes)
        return Counts(
            received=sum(u.received for u in self.udp) + sum(t.received for t in self.tcp),
            hits=server.hits + sum(listener.prebuilt_hits for listener in self.udp),
            # What is asked for nobody is no client's miss.
            misses=self._forwarder.forwarded - server.refresher.begun,
            insertions=cache.insertions,
            evictions=cache.evictions,
            notifies=notices.taken,
            notifies_refused=notices.refused,
            dropped=notices.dropped,
            stale=server.stale_hits,
            octets=cache.bytes,
            octets_highest=self._octets_highest,
            connections=len(self._connections.taken),
            connections_highest=self._connections.highest,
        )

    def summary(self) -> dict[str, int]:
        """This process alone, for its log."""
        own, forwarder = self.own(), self._forwarder
        return {
            "records": self._cache.records,
            "bytes": own.octets,
            "forwarded": own.misses,
            "answered_locally": own.hits,
            "failed": forwarder.failed + forwarder.failed_full,
            "outstanding": forwarder.outstanding,
        }

    def own_servers(self) -> dict[str, ServerCounts]:
        """The same of each server that is in use."""
        found: dict[str, ServerCounts] = {}
        for group in self._forwarder.groups.values():
            for server in group.servers:
                name = f"{server.address.host}#{server.address.port}"
                counts = ServerCounts(
                    sent=server.sent,
                    retried=server.retried,
                    failed=server.failed,
                    nxdomain=server.nxdomain,
                    latency_us=int(server.srtt_s * 1e6),
                )
                found[name] = found.get(name, ServerCounts()).plus(counts)
        before = self._servers_before
        return {name: one.plus(before.get(name, ServerCounts())) for name, one in found.items()}

    def on_timer(self) -> None:
        """Note what is high now, and show the other workers, if there are any, how far this is."""
        self._octets_highest = max(self._octets_highest, self._cache.bytes)
        if self._place.workers > 1:
            self._counters.publish()
            self._place.servers[self._place.number] = self.own_servers()

    def total(self) -> Counts:
        """The counts of all workers."""
        return self._counters.total()

    def total_servers(self) -> dict[str, ServerCounts]:
        """The same of each server."""
        self._place.servers[self._place.number] = self.own_servers()
        return self._place.servers.sum()

    def flushed(self) -> None:
        """This worker's cache has been emptied."""
        self._counters.flushed()

    def texts(self) -> dict[str, Callable[[], list[str]]]:
        """The strings of the `*.bind` names."""
        return {
            **bind_texts(self.total, self.total_servers, self._sizes),
            # Ours, for the sidecar: how the servers of the cluster tell us of changes.
            "notifies.bind": lambda: [str(self.total().notifies)],
            "notifies-refused.bind": lambda: [str(self.total().notifies_refused)],
            "dropped.bind": lambda: [str(self.total().dropped)],
            "told.bind": lambda: [str(self._notices.tellers)],
        }

    def lines(self, *, epoch_s: int) -> list[str]:
        """dnsmasq's block of statistics, of all workers; the first of them writes it."""
        if self._place.number:
            return []
        return statistics_lines(self.total(), self.total_servers(), self._sizes, epoch_s=epoch_s)

    def looked_at(self) -> None:
        """Somebody has seen the highest number of connections; count it from now on."""
        self._connections.highest = len(self._connections.taken)
