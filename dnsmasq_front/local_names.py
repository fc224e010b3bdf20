"""The table of names known here: records by name, and which names exist above them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dnscore.wire.build import Record
from dnscore.wire.const import AAAA, PTR, A
from dnsmasq_front.hosts import HostLine, reverse_name
from dnsmasq_front.local_records import HostRecord, LocalRecord

RECORDS_MAX = 1024
"""Records of one name; more would not fit in an answer anyway."""


class LocalNames:
    """Records by folded name; built once and then only read."""

    def __init__(self, ttl_s: int = 0) -> None:
        """`ttl_s` is the TTL of records that have none of their own."""
        self.records: dict[bytes, tuple[Record, ...]] = {}
        self._ttl_s = ttl_s
        self._above: set[bytes] = set()
        self._named: set[bytes] = set()
        """Addresses that have a PTR record: the first name of an address owns it."""
        self.dropped = 0
        """Records beyond RECORDS_MAX."""

    def __len__(self) -> int:
        return len(self.records)

    def exists(self, name: bytes) -> bool:
        """Whether a folded name is known, or a name below it."""
        return name in self.records or name in self._above

    def add(self, record: LocalRecord) -> None:
        """Add one record of a flag."""
        self._add(record.owner, record.rtype, record.rdata, record.ttl)

    def add_host_record(self, host: HostRecord) -> None:
        """Add the addresses of a `--host-record`; a name without any exists all the same."""
        for line in host.lines:
            self._add_line(line.address, line.names, host.ttl)
        for name in host.names:
            self.records.setdefault(name.lower(), ())

    def add_hosts(self, lines: Iterable[HostLine], *, suffix: bytes | None = None) -> None:
        """Add the lines of a hosts file; plain names also with `suffix` (`--expand-hosts`)."""
        for line in lines:
            expanded = line.names if suffix is None else tuple(_expanded(line.names, suffix))
            self._add_line(line.address, expanded, None)

    def _add_line(self, address: bytes, owners: tuple[bytes, ...], ttl: int | None) -> None:
        for owner in owners:
            self._add(owner, A if len(address) == 4 else AAAA, address, ttl)
        if owners and address not in self._named:
            self._named.add(address)
            self._add(reverse_name(address), PTR, owners[0], ttl)

    def _add(self, owner: bytes, rtype: int, rdata: bytes, ttl: int | None) -> None:
        key = owner.lower()
        there = self.records.get(key, ())
        if any(one.rtype == rtype and one.rdata == rdata for one in there):
            return
        if len(there) >= RECORDS_MAX:
            self.dropped += 1
            return
        ttl = self._ttl_s if ttl is None else ttl
        # Records of one set have one TTL (RFC 2181 5.2): the least.
        least = min([ttl, *(one.ttl for one in there if one.rtype == rtype)])
        same = [one._replace(ttl=least) if one.rtype == rtype else one for one in there]
        self.records[key] = (*same, Record(key, rtype, least, rdata))
        if not there:
            self._note_above(key)

    def _note_above(self, key: bytes) -> None:
        at = key[0] + 1
        while key[at]:
            above = key[at:]
            if above in self._above:
                return
            self._above.add(above)
            at += key[at] + 1


def _expanded(owners: Iterable[bytes], suffix: bytes) -> Iterator[bytes]:
    for owner in owners:
        if owner[0] + 2 != len(owner):
            yield owner
            continue
        whole = owner[:-1] + suffix
        if len(whole) <= 255:
            yield whole
        yield owner
