"""The name servers of /etc/resolv.conf (resolv.conf(5)), read tolerantly and again on change.

Lines that cannot be used are skipped, whatever they hold. More than three servers are taken, as
kube-dns and dnsmasq do. A file that has lost its servers, or has gone, keeps the last good ones:
tools that rewrite it in place leave it empty for a moment.
"""

from __future__ import annotations

import os

from dnscore.net.address import Address, parse_address

RESOLV_CONF = "/etc/resolv.conf"
_SIZE_MAX = 1 << 16
_PERIOD_S = 1.0


_OTHER_KEYWORDS = frozenset(("domain", "family", "lookup", "options", "search", "sortlist"))


def parse_resolv_conf(content: bytes) -> tuple[Address, ...]:
    """The servers in order, each once. Never raises."""
    return read_lines(content)[0]


def read_lines(content: bytes) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """The servers in order, each once, and the lines that make no sense. Never raises."""
    servers: dict[Address, None] = {}
    junk = []
    for line in content.decode("utf-8", "replace").splitlines():
        words = line.split()
        if not words or words[0][0] in "#;" or words[0] in _OTHER_KEYWORDS:
            continue
        server = _server(words[1]) if len(words) > 1 and words[0] == "nameserver" else None
        if server is None:
            junk.append(line)
        else:
            servers[server] = None
    return tuple(servers), tuple(junk)


def _server(text: str) -> Address | None:
    try:
        # "53" cannot be overridden here: resolv.conf(5) has no ports.
        return Address(parse_address(text, default_port=53, separator="#").host, 53)
    except ValueError:
        return None


class ResolvConfFile:
    """Watches a resolv.conf; the caller brings the time."""

    def __init__(self, path: str = RESOLV_CONF, *, period_s: float = _PERIOD_S) -> None:
        self.path = path
        self.servers: tuple[Address, ...] = ()
        """The last good ones."""
        self.junk: tuple[str, ...] = ()
        """The lines of the file as it was read last that make no sense."""
        self._period_s = period_s
        self._due = float("-inf")
        self._seen: tuple[int, ...] | None = None

    def look_again(self) -> None:
        """Read the file at the next poll, whether it has changed or not."""
        self._seen, self._due = None, float("-inf")

    def poll(self, now: float) -> tuple[Address, ...] | None:
        """The servers when they have changed, None when not or when it is too early to look."""
        if now < self._due:
            return None
        self._due = now + self._period_s
        try:
            status = os.stat(self.path)
            # The inode, as a symlink may be swapped for one to a file of the same age and size.
            seen = (status.st_mtime_ns, status.st_dev, status.st_ino, status.st_size)
            if seen == self._seen:
                return None
            with open(self.path, "rb", opener=_open_at_once) as file:
                servers, self.junk = read_lines(file.read(_SIZE_MAX))
        except OSError:
            self._seen = None
            return None
        self._seen = seen
        if not servers or servers == self.servers:
            return None
        self.servers = servers
        return servers


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
