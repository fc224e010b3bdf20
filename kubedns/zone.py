"""The cluster zone: its name, its constants, and the names that are there without any Service.

Kubernetes DNS-Based Service Discovery 1.1.0 sections 2.1 and 2.2; SOA and TTLs as kube-dns has
them, so that whatever was tuned to those keeps its timing.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from dnscore.wire import names
from dnscore.wire.build import Record
from dnscore.wire.const import SOA

SCHEMA_VERSION = b"1.1.0"
"""The TXT record of dns-version (specification 2.2)."""
SCHEMA_VERSION_TTL_S = 28800

NAME_SERVER_KEY = b"dns\x00ns"
"""The tree's key of `ns.dns.<zone>`, the zone's name server."""

_SOA_NUMBERS = Struct("!IIIII")
_REFRESH_S, _RETRY_S, _EXPIRE_S = 28800, 7200, 604800


@dataclass(frozen=True, slots=True)
class ZoneOptions:
    """What a person may set about the zone."""

    domain: bytes
    """The zone's apex, a folded wire name: `cluster.local.` for most clusters."""
    ttl_s: int = 30
    """Of every address, SRV, PTR and CNAME record."""
    soa_ttl_s: int = 3600
    """Of the SOA and NS records as answers."""
    negative_ttl_s: int = 60
    """How long NXDOMAIN and NODATA may be cached (RFC 2308 5)."""
    endpoint_names: str = "hash"
    """Which label records show for an endpoint without a hostname, see endpoint_names."""
    pods: str = "insecure"
    """Which pod names there are, see pod_names."""
    dns_service: tuple[str, str] = ("kube-system", "kube-dns")
    """Namespace and name of the Service whose addresses are those of the zone's name server."""


class Zone:
    """Names and records that follow from the options alone."""

    def __init__(self, options: ZoneOptions) -> None:
        """Raises ValueError when the domain leaves no room for the names below it."""
        self.options = options
        self.domain = options.domain
        self.services_suffix = b"\x03svc" + options.domain
        self.name_server = b"\x02ns\x03dns" + options.domain
        self._contact = b"\x0ahostmaster" + options.domain
        # Every Service name must fit: two labels of 63 octets below svc.<zone>.
        if len(self.services_suffix) + 2 * 64 > 255:
            raise ValueError(f"domain too long for a cluster: {names.to_text(options.domain)}")

    def relative(self, name: bytes) -> list[bytes] | None:
        """The labels of a folded name in front of the zone's; None when it is outside."""
        domain = self.domain
        if not name.endswith(domain):
            return None
        at, end = 0, len(name) - len(domain)
        found = []
        while at < end:
            size = name[at] + 1
            found.append(name[at + 1 : at + size])
            at += size
        # Past the end: the match of bytes began inside a label.
        return found if at == end else None

    def soa(self, serial: int, *, owner: bytes, ttl_s: int) -> Record:
        """The start of authority (RFC 1035 3.3.13); its owner is the apex but for reverse names."""
        numbers = _SOA_NUMBERS.pack(
            serial & 0xFFFFFFFF, _REFRESH_S, _RETRY_S, _EXPIRE_S, self.options.negative_ttl_s
        )
        return Record(owner, SOA, ttl_s, self.name_server + self._contact + numbers)
