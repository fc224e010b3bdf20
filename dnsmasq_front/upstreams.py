"""Where the routing table comes from: the flags, the mounted ConfigMap and resolv.conf.

Each source is looked at again and again; what cannot be used is reported and the last good state
stays. A change makes a new table and never empties the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dnscore.configdir import ConfigDirError, DirectoryPoller
from dnscore.dnsconfig import ClusterDnsConfig, ConfigError, parse_config, parse_stub_server
from dnscore.log import get_logger
from dnscore.net.address import Address
from dnscore.resolvconf import ResolvConfFile
from dnscore.wire import names
from dnsmasq_front.named_servers import NamedServers
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.own_host import is_own_host
from dnsmasq_front.routes import Routes, Rule
from dnsmasq_front.servers_file import ServersFiles

_log = get_logger("front.config")
_NOBODY = ("0.0.0.0", "::")
_JUNK_SHOWN = 60


class Upstreams:
    """Builds the routing table from its sources."""

    def __init__(
        self,
        options: FrontOptions,
        named: NamedServers,
        *,
        use: Callable[[Routes], None],
        is_own: Callable[[str], bool] = is_own_host,
    ) -> None:
        """`named` knows the servers given by name; `use` gets each new table.

        `is_own` tells whether an IP address is one of this machine's.
        """
        self._options = options
        self._named = named
        self._use = use
        self._is_own = is_own
        self._junk: tuple[str, ...] = ()
        self._own = frozenset(options.listen)
        self._config = ClusterDnsConfig()
        self._directory = DirectoryPoller(options.config_dir, period_s=options.sync_interval_s)
        self._resolv = ResolvConfFile(options.resolv_file) if options.resolv_file else None
        self._files = ServersFiles(options.servers_files)
        self._files.read()
        self._looked = False

    def poll(self, now: float) -> None:
        """Look at the sources; a new table if one of them has changed, and the first time."""
        changed = self._poll_directory(now)
        if self._options.poll_resolv_file or not self._looked:
            changed = self._poll_resolv(now) or changed
        for host in self._named.poll(now):
            changed = True
            addresses = ",".join(self._named.addresses(host))
            _log.info("a server has another address", host=host, addresses=addresses)
        if changed or not self._looked:
            self._looked = True
            self._use(self.routes())

    def reread(self, now: float) -> None:
        """Read what is not looked at all the time: `--servers-file`, and with `--no-poll` all."""
        changed = self._files.read()
        if self._resolv and not self._options.poll_resolv_file:
            self._resolv.look_again()
            changed = self._poll_resolv(now) or changed
        if changed:
            self._use(self.routes())

    def _poll_resolv(self, now: float) -> bool:
        if self._resolv is None:
            return False
        servers = self._resolv.poll(now)
        if self._resolv.junk != self._junk:
            self._junk = self._resolv.junk
            if self._junk:
                first = self._junk[0][:_JUNK_SHOWN]
                _log.warning("lines of resolv.conf skipped", count=len(self._junk), first=first)
        return servers is not None

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
        rules = [*self._options.rules, *self._files.rules, *self._stub_rules()]
        self._named.use(dict.fromkeys(rule.host for rule in rules if rule.host))
        default = self._config.upstream_nameservers
        if not default and self._resolv:
            default = self._resolv.servers
        known = [numbered for rule in rules for numbered in self._numbered(rule)]
        return Routes.of(
            [rule for rule in known if rule.server is None or self._is_other(rule.server)],
            [server for server in default if self._is_other(server)],
        )

    def _numbered(self, rule: Rule) -> list[Rule]:
        """A rule whose server is named, with the addresses that are known of it."""
        if not rule.host:
            return [rule]
        addresses = self._named.addresses(rule.host)
        if not addresses:
            return [replace(rule, host="", unresolved=True)]
        return [replace(rule, host="", server=Address(address, rule.port)) for address in addresses]

    def _is_other(self, server: Address) -> bool:
        """Whether a server is not ourselves, who would be asked our own questions for ever."""
        wildcard = Address("::" if ":" in server.host else "0.0.0.0", server.port)
        is_ours = wildcard in self._own and (server.is_loopback or self._is_own(server.host))
        if server in self._own or is_ours or server.host in _NOBODY:
            # dnsmasq's words, which people look for.
            shown = f"{server.host}#{server.port}"
            _log.warning(f"ignoring nameserver {shown} - local interface")
            return False
        return True

    def _stub_rules(self) -> list[Rule]:
        rules = []
        for domain, servers in self._config.stub_domains.items():
            for text in servers:
                server = parse_stub_server(text)
                name = (names.from_text(domain),)
                if isinstance(server, Address):
                    rules.append(Rule(name, server=server))
                else:
                    rules.append(Rule(name, host=server))
        return rules
