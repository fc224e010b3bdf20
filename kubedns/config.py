"""Which servers are asked for names outside the zone, as the configuration changes under way.

Sources, the first that has servers: `upstreamNameservers` of the configuration (with --config-dir
or --config-map) or --nameservers (without), then /etc/resolv.conf. A source that turns bad keeps
its last good state. Stub domains go before all of them, by their longest matching suffix.
The caller brings the time; files are small and read at most once a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dnscore.configdir import ConfigDirError, Snapshot
from dnscore.dnsconfig import ClusterDnsConfig, ConfigError, parse_config, parse_stub_server
from dnscore.log import get_logger
from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile
from dnscore.wire import names

_log = get_logger("kubedns.config")


class ConfigSource(Protocol):
    """A directory of files, or a ConfigMap."""

    @property
    def name(self) -> str:
        """For people: what is to be repaired when it holds something bad."""

    def poll(self, now: float) -> Snapshot | None:
        """The state when it is new. Raises ConfigDirError, once for each distinct reason."""


class Nameservers:
    """The upstream servers of each name; owned by the DNS loop's thread."""

    def __init__(
        self,
        *,
        fixed: tuple[Address, ...],
        source: ConfigSource | None,
        resolv_conf: ResolvConfFile,
        is_own: Callable[[Address], bool],
        host_addresses: Callable[[bytes], tuple[str, ...]] = lambda host: (),
    ) -> None:
        """`host_addresses` gives what is known of a stub server's folded name."""
        self._fixed = fixed if source is None else ()
        self._source = source
        self._resolv_conf = resolv_conf
        self._is_own = is_own
        self._host_addresses = host_addresses
        self._default: tuple[Address, ...] | None = None
        self._stubs: dict[bytes, tuple[Address | bytes, ...]] = {}
        self.config = ClusterDnsConfig()
        """The last good one."""
        self.rejected = 0
        """Configurations that could not be used."""

    @property
    def default(self) -> tuple[Address, ...]:
        """The servers for names in no stub domain."""
        return self._default or ()

    def poll(self, now: float) -> None:
        """Look for changes and take them up; never raises for what a file holds."""
        changed = self._source is not None and self._poll_source(self._source, now)
        if self._resolv_conf.poll(now) is not None or changed or self._default is None:
            self._choose()

    def servers_for(self, name: bytes) -> tuple[Address, ...]:
        """The servers to ask, in order, for a folded name; none when there are none."""
        if self._stubs:
            at = 0
            while name[at]:
                stub = self._stubs.get(name[at:])
                if stub is not None:
                    return self._addresses(stub)
                at += name[at] + 1
        return self.default

    @property
    def stub_hosts(self) -> tuple[bytes, ...]:
        """The folded names of stub servers that are given by name."""
        hosts = (s for stub in self._stubs.values() for s in stub if isinstance(s, bytes))
        return tuple(dict.fromkeys(hosts))

    def _addresses(self, stub: tuple[Address | bytes, ...]) -> tuple[Address, ...]:
        found: list[Address] = []
        for server in stub:
            if isinstance(server, Address):
                found.append(server)
            else:
                known = (Address(text, 53) for text in self._host_addresses(server))
                found += (address for address in known if not self._is_own(address))
        return tuple(found)

    def _poll_source(self, source: ConfigSource, now: float) -> bool:
        try:
            snapshot = source.poll(now)
            if snapshot is None:
                return False
            self._take(parse_config(snapshot.data), snapshot)
        except (ConfigDirError, ConfigError) as error:
            self.rejected += 1
            _log.error(
                "configuration not used, the last good one stays",
                source=source.name,
                reason=str(error),
            )
            return False
        return True

    def _take(self, config: ClusterDnsConfig, snapshot: Snapshot) -> None:
        self.config = config
        stubs: dict[bytes, tuple[Address | bytes, ...]] = {}
        for domain, servers in config.stub_domains.items():
            parsed = [parse_stub_server(server) for server in servers]
            usable = tuple(
                names.from_text(server + ".") if isinstance(server, str) else server
                for server in parsed
                if isinstance(server, str) or not self._is_own(server)
            )
            if len(usable) < len(parsed):
                _log.warning("this server is not its own stub server", domain=domain)
            if usable:
                stubs[names.from_text(domain)] = usable
        self._stubs = stubs
        _log.info(
            "configuration in use",
            version=snapshot.version or "empty",
            stub_domains=",".join(config.stub_domains) or "none",
            upstream_nameservers=_shown(config.upstream_nameservers),
        )

    def _choose(self) -> None:
        wanted = self.config.upstream_nameservers or self._fixed or self._resolv_conf.servers
        usable = tuple(server for server in wanted if not self._is_own(server))
        if len(usable) < len(wanted):
            own = _shown(tuple(server for server in wanted if self._is_own(server)))
            _log.warning("this server is not its own upstream", left_out=own)
        if usable != self._default:
            self._default = usable
            _log.info("upstream servers", servers=_shown(usable))


def _shown(servers: tuple[Address, ...]) -> str:
    return ",".join(str(server) for server in servers) or "none"
