"""Where the routing table comes from: the flags, the mounted ConfigMap and resolv.conf.

Each source is looked at again and again; what cannot be used is reported and the last good state
stays. A change makes a new table and never empties the cache.
"""

from __future__ import annotations

from collections.abc import Callable

from dnscore.configdir import ConfigDirError, DirectoryPoller
from dnscore.dnsconfig import ClusterDnsConfig, ConfigError, parse_config, parse_stub_server
from dnscore.log import get_logger
from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile
from dnscore.wire import names
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.routes import Routes, Rule

_log = get_logger("front.config")


class Upstreams:
    """Builds the routing table from its sources."""

    def __init__(self, options: FrontOptions, *, use: Callable[[Routes], None]) -> None:
        """`use` gets each new table."""
        self._options = options
        self._use = use
        self._own = frozenset(options.listen)
        self._config = ClusterDnsConfig()
        self._directory = DirectoryPoller(options.config_dir, period_s=options.sync_interval_s)
        self._resolv = ResolvConfFile(options.resolv_file) if options.resolv_file else None
        self._looked = False

    def poll(self, now: float) -> None:
        """Look at the sources; a new table if one of them has changed, and the first time."""
        changed = self._poll_directory(now)
        if self._resolv and (self._options.poll_resolv_file or not self._looked):
            changed = self._resolv.poll(now) is not None or changed
        if changed or not self._looked:
            self._looked = True
            self._use(self.routes())

    def _poll_directory(self, now: float) -> bool:
        try:
            snapshot = self._directory.poll(now)
            if snapshot is None:
                return False
            self._config = parse_config(snapshot.data)
        except ConfigDirError as error:
            if self._looked or _log.v(2):
                _log.warning("ConfigMap directory not read; the last state stays", error=str(error))
            return False
        except ConfigError as error:
            _log.error("ConfigMap rejected as a whole; the last state stays", error=str(error))
            return False
        return True

    def routes(self) -> Routes:
        """The table of the sources as they are now."""
        rules = [*self._options.rules, *self._stub_rules()]
        default = self._config.upstream_nameservers
        if not default and self._resolv:
            default = self._resolv.servers
        return Routes.of(
            [rule for rule in rules if rule.server is None or self._is_other(rule.server)],
            [server for server in default if self._is_other(server)],
        )

    def _is_other(self, server: Address) -> bool:
        """Whether a server is not ourselves, who would be asked our own questions for ever."""
        wildcard = Address("::" if ":" in server.host else "0.0.0.0", server.port)
        if server in self._own or (server.is_loopback and wildcard in self._own):
            _log.warning("ignoring a name server that is ourselves", server=server)
            return False
        return True

    def _stub_rules(self) -> list[Rule]:
        rules = []
        for domain, servers in self._config.stub_domains.items():
            for text in servers:
                server = parse_stub_server(text)
                if isinstance(server, Address):
                    rules.append(Rule((names.from_text(domain),), server=server))
                else:
                    _log.warning(
                        "a stub server named by host is not supported yet; use its address",
                        domain=domain,
                        server=server,
                    )
        return rules
