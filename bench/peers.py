"""The servers that are measured: how each is started for a role, and which are missing here.

Others can be added by BENCH_PEERS="name=command; name=command". In a command `{port}` is where to
answer on 127.0.0.1, `{kubedns}` the port of a kubedns that answers for the zone, `{outside}` that
of a server for everything else, `{cache}` how many records to keep (0: no cache), and
`{kubeconfig}` a file by which the cluster can be read.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.cluster import Backends, kubedns_argv
from bench.processors import Processors
from bench.workloads import OUTSIDE, ZONE
from gates.tools import find_command

OURS = "front"
DNSMASQ = "dnsmasq"
UNBOUND = "unbound"
KUBEDNS = "kubedns"
FLOOR = "echo"
OWN_NAMES = (OURS, DNSMASQ, UNBOUND, KUBEDNS, FLOOR)
PACKAGES = {DNSMASQ: "dnsmasq-base", UNBOUND: "unbound"}
PLACEHOLDERS = ("port", "cache", "kubedns", "outside", "kubeconfig")

_UNBOUND_RECORD_BYTES = 300
"""What unbound 1.17 takes in each of its two caches for a name with one address: with so much, all
of 10,000 names are answered from the cache the second time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a server under test is started with."""

    port: int
    cache: int
    """Records; 0 is no cache."""
    backends: Backends
    scratch: Path
    responder: Path
    processors: Processors
    workers: int = 1


def command(peer: str, setting: Setting, *, custom: Mapping[str, str]) -> list[str]:
    """The command line of a server."""
    if peer in custom:
        values = {
            "port": setting.port,
            "cache": setting.cache,
            "kubedns": setting.backends.kubedns,
            "outside": setting.backends.outside,
            "kubeconfig": setting.backends.kubeconfig,
        }
        return shlex.split(custom[peer].format(**values))
    makers = {
        OURS: _front,
        DNSMASQ: _dnsmasq,
        UNBOUND: _unbound,
        KUBEDNS: _kubedns,
        FLOOR: _echo,
    }
    return makers[peer](setting)


def reads_cluster(peer: str, *, custom: Mapping[str, str]) -> bool:
    """Whether it serves the zone from the API, and so is ready only when it has read it."""
    return peer == KUBEDNS or "{kubeconfig}" in custom.get(peer, "")


def missing(peers: Iterable[str], *, custom: Mapping[str, str]) -> dict[str, str]:
    """The servers that are not here, each with a line that says so."""
    lines = {}
    for peer in peers:
        if peer in PACKAGES and find_command(peer) is None:
            lines[peer] = f"{peer} is missing here (Debian package {PACKAGES[peer]})"
        elif peer in custom and find_command(shlex.split(custom[peer])[0]) is None:
            lines[peer] = f"{peer} is missing here (no program {shlex.split(custom[peer])[0]})"
    return lines


def custom_peers(text: str) -> dict[str, str]:
    """BENCH_PEERS: `name=command`, several with `;` between. Raises ValueError, one line."""
    found: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, equals, words = (word.strip() for word in part.partition("="))
        if not equals or not words or not re.fullmatch(r"[\w.-]+", name):
            raise ValueError(f"not name=command: {part!r}")
        if name in OWN_NAMES or name in found:
            raise ValueError(f"the name {name!r} is taken")
        try:
            shlex.split(words.format_map(dict.fromkeys(PLACEHOLDERS, "1")))
        except (ValueError, LookupError, AttributeError) as error:
            known = " ".join(f"{{{word}}}" for word in PLACEHOLDERS)
            raise ValueError(f"{words!r} cannot be used ({error!r}); known: {known}") from None
        if "{port}" not in words:
            raise ValueError(f"{words!r} has no {{port}}, where it has to answer on 127.0.0.1")
        found[name] = words
    return found


def _forwards(setting: Setting) -> list[str]:
    backends = setting.backends
    return [
        f"--server=/{ZONE}/127.0.0.1#{backends.kubedns}",
        f"--server=/{OUTSIDE}/{backends.outside_host}#{backends.outside}",
    ]


def _front(setting: Setting) -> list[str]:
    words = [sys.executable, "-m", "dnsmasq_front", "--", "-k", f"--port={setting.port}"]
    words += ["--listen-address=127.0.0.1", f"--cache-size={setting.cache}", "--no-resolv"]
    words += ["--dns-forward-max=1000"]
    if setting.workers > 1:
        words.insert(3, f"--workers={setting.workers}")
    return words + _forwards(setting)


def _dnsmasq(setting: Setting) -> list[str]:
    words = [
        find_command(DNSMASQ) or DNSMASQ,
        "-k",
        "-C",
        "/dev/null",
        f"--port={setting.port}",
        "--no-hosts",
    ]
    words += ["--listen-address=127.0.0.1", "--bind-interfaces", "--user=root", "--log-facility=-"]
    words += [f"--cache-size={setting.cache}", "--no-resolv", "--dns-forward-max=1000"]
    words += [f"--pid-file={setting.scratch / 'dnsmasq.pid'}"]
    return words + _forwards(setting)


def _unbound(setting: Setting) -> list[str]:
    backends = setting.backends
    cache_bytes = max(1, setting.cache) * _UNBOUND_RECORD_BYTES
    text = f"""server:
  interface: 127.0.0.1
  port: {setting.port}
  num-threads: 1
  do-daemonize: no
  use-syslog: no
  chroot: ""
  username: ""
  directory: "{setting.scratch}"
  pidfile: "{setting.scratch}/unbound.pid"
  do-not-query-localhost: no
  module-config: "iterator"
  rrset-cache-size: {cache_bytes}
  msg-cache-size: {cache_bytes}
  local-zone: "test." nodefault
  access-control: 127.0.0.0/8 allow
remote-control:
  control-enable: no
forward-zone:
  name: "{ZONE}"
  forward-addr: 127.0.0.1@{backends.kubedns}
forward-zone:
  name: "."
  forward-addr: {backends.outside_host}@{backends.outside}
"""
    path = setting.scratch / "unbound.conf"
    path.write_text(text)
    return [find_command(UNBOUND) or UNBOUND, "-d", "-p", "-c", str(path)]


def _kubedns(setting: Setting) -> list[str]:
    return kubedns_argv(setting.port, kubeconfig=setting.backends.kubeconfig)


def _echo(setting: Setting) -> list[str]:
    return [str(setting.responder), "echo", str(setting.port)]
