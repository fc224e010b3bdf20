"""Which servers are asked for names outside the zone, as the configuration changes under way.

Sources, the first that has servers: `upstreamNameservers` of the configuration directory (with
--config-dir) or --nameservers (without), then /etc/resolv.conf. A source that turns bad keeps its
last good state. Stub domains go before all of them, by their longest matching suffix.
The caller brings the time; files are small and read at most once a second.
"""

from __future__ import annotations

from collections.abc import Callable

from dnscore.configdir import ConfigDirError, DirectoryPoller, Snapshot
from dnscore.dnsconfig import ClusterDnsConfig, ConfigError, parse_config, parse_stub_server
from dnscore.log import get_logger
from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile
from dnscore.wire import names

_log = get_logger("kubedns.config")


class Nameservers:
    """The upstream servers of each name; owned by the DNS loop's thread."""

    def __init__(
        self,
        *,
        fixed: tuple[Address, ...],
        directory: DirectoryPoller | None,
        resolv_conf: ResolvConfFile,
        is_own: Callable[[Address], bool],
    ) -> None:
        self._fixed = fixed if directory is None else ()
        self._directory = directory
        self._resolv_conf = resolv_conf
        self._is_own = is_own
        self._default: tuple[Address, ...] | None = None
        self._stubs: dict[bytes, tuple[Address, ...]] = {}
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
        changed = self._directory is not None and self._poll_directory(self._directory, now)
        if self._resolv_conf.poll(now) is not None or changed or self._default is None:
            self._choose()

    def servers_for(self, name: bytes) -> tuple[Address, ...]:
        """The servers to ask, in order, for a folded name; none when there are none."""
        if self._stubs:
            at = 0
            while name[at]:
                stub = self._stubs.get(name[at:])
                if stub is not None:
                    return stub
                at += name[at] + 1
        return self.default

    def _poll_directory(self, directory: DirectoryPoller, now: float) -> bool:
        try:
            snapshot = directory.poll(now)
            if snapshot is None:
                return False
            self._take(parse_config(snapshot.data), snapshot)
        except (ConfigDirError, ConfigError) as error:
            self.rejected += 1
            _log.error("configuration not used, the last good one stays", reason=str(error))
            return False
        return True

    def _take(self, config: ClusterDnsConfig, snapshot: Snapshot) -> None:
        self.config = config
        stubs = {}
        for domain, servers in config.stub_domains.items():
            parsed = [parse_stub_server(server) for server in servers]
            usable = tuple(s for s in parsed if isinstance(s, Address) and not self._is_own(s))
            if len(usable) < len(parsed):
                _log.warning("stub servers left out: only addresses of others", domain=domain)
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
