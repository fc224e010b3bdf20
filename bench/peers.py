"""The servers that are measured: how each is started for a role, and which are missing here.

Roles: `cache` (a forwarder with a cache), `plain` (the same without a cache), `zone` (kubedns
itself), `floor` (the C echo). Others can be added by BENCH_PEERS="name=command ..."; `{port}`,
`{kubedns}` and `{outside}` in the command become port numbers.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.cluster import Backends, kubedns_argv
from bench.workloads import OUTSIDE, ZONE

OURS = "front"
DNSMASQ = "dnsmasq"
UNBOUND = "unbound"
KUBEDNS = "kubedns"
FLOOR = "echo"
PACKAGES = {DNSMASQ: "dnsmasq-base", UNBOUND: "unbound"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a server under test is started with."""

    port: int
    cache: int
    """Records; 0 is no cache."""
    backends: Backends
    scratch: Path
    responder: Path
    workers: int = 1


def command(peer: str, setting: Setting, *, custom: dict[str, str]) -> list[str]:
    """The command line of a server."""
    if peer in custom:
        text = custom[peer].format(
            port=setting.port,
            kubedns=setting.backends.kubedns,
            outside=setting.backends.outside,
        )
        return shlex.split(text)
    makers = {
        OURS: _front,
        DNSMASQ: _dnsmasq,
        UNBOUND: _unbound,
        KUBEDNS: _kubedns,
        FLOOR: _echo,
    }
    return makers[peer](setting)


def missing(peers: list[str]) -> list[str]:
    """One line for each server that is not installed here."""
    lines = []
    for peer in peers:
        if peer in PACKAGES and shutil.which(peer) is None:
            lines.append(f"{peer} is missing here (Debian package {PACKAGES[peer]})")
    return lines


def custom_peers(text: str) -> dict[str, str]:
    """BENCH_PEERS: `name=command`, several with `;` between. Raises ValueError."""
    found = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, equals, words = part.partition("=")
        if not equals or not words:
            raise ValueError(f"not name=command: {part!r}")
        found[name.strip()] = words
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
    words = ["dnsmasq", "-k", "-C", "/dev/null", f"--port={setting.port}", "--no-hosts"]
    words += ["--listen-address=127.0.0.1", "--bind-interfaces", "--user=root", "--log-facility=-"]
    words += [f"--cache-size={setting.cache}", "--no-resolv", "--dns-forward-max=1000"]
    words += [f"--pid-file={setting.scratch / 'dnsmasq.pid'}"]
    return words + _forwards(setting)


def _unbound(setting: Setting) -> list[str]:
    backends = setting.backends
    rrset_bytes = max(1, setting.cache) * 400
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
  rrset-cache-size: {rrset_bytes}
  msg-cache-size: {rrset_bytes // 2}
  local-zone: "test." nodefault
  access-control: 127.0.0.0/8 allow
remote-control:
  control-enable: no
forward-zone:
  name: "{ZONE}"
  forward-addr: 127.0.0.1@{backends.kubedns}
forward-zone:
  name: "{OUTSIDE}"
  forward-addr: {backends.outside_host}@{backends.outside}
"""
    path = setting.scratch / "unbound.conf"
    path.write_text(text)
    return ["unbound", "-d", "-p", "-c", str(path)]


def _kubedns(setting: Setting) -> list[str]:
    return kubedns_argv(setting.port, kubeconfig=setting.backends.kubeconfig)


def _echo(setting: Setting) -> list[str]:
    return [str(setting.responder), "echo", str(setting.port)]
