"""The real dnsmasq for differential tests: same flags, same scripted upstream, same questions."""

from __future__ import annotations

import os
import pwd
import subprocess
from types import TracebackType

import dns.exception
import dns.message
import dns.query

from gates.tools import find_command
from tests.dnsmasq_front.messages import Reply, query_wire, read_reply
from tests.ports import HOST, free_port
from tests.waiting import eventually


class RealDnsmasq:
    """Runs from `with` on, as the stock image runs it."""

    def __init__(self, *flags: str) -> None:
        self.port = free_port()
        command = find_command("dnsmasq")
        assert command is not None
        user = pwd.getpwuid(os.getuid()).pw_name
        place = [f"--port={self.port}", f"--listen-address={HOST}", "--bind-interfaces"]
        alone = ["--conf-file=/dev/null", "--no-hosts", "--pid-file=", f"--user={user}"]
        self._process = subprocess.Popen(
            [command, "-k", "--log-facility=-", *place, *alone, *flags],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> RealDnsmasq:
        eventually(self._serves, message="dnsmasq does not answer")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait(10)

    def ask(
        self,
        question: str,
        *,
        stream: bool = False,
        edns: int | None = None,
        timeout_s: float = 10.0,
    ) -> Reply:
        """Ask over UDP, or TCP."""
        return ask_at(self.port, query_wire(question, edns=edns), stream=stream, within=timeout_s)

    def _serves(self) -> bool:
        assert self._process.poll() is None, "dnsmasq has ended"
        try:
            self.ask("cachesize.bind. TXT CH", timeout_s=0.2)
        except (dns.exception.DNSException, OSError):
            return False
        return True


def ask_at(port: int, wire: bytes, *, stream: bool = False, within: float = 10.0) -> Reply:
    """Ask a server on this machine; fails when no answer comes."""
    query = dns.message.from_wire(wire)
    send = dns.query.tcp if stream else dns.query.udp
    return read_reply(send(query, HOST, port=port, timeout=within).to_wire(max_size=65535))
