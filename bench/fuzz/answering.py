"""Fuzzed queries to a handler in this process: each gets its one answer, or none by right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import dns.exception
import dns.message

from bench.fuzz.queries import queries
from bench.fuzz.served import Served
from bench.fuzz.zone import CANARY, CANARY_ADDRESS, objects
from dnscore.wire import names
from dnscore.wire.build import size_limit
from dnscore.wire.const import NXDOMAIN, SERVFAIL
from dnscore.wire.errors import Malformed, WireError
from dnscore.wire.query import Query, parse_query
from dnscore.wire.scan import answers_question, scan_response
from kubedns.rows import SERVICES

FINDINGS_MAX = 20
_READ_EACH = 20
"""Every so many responses are read by dnspython too, which takes most of the time."""
_CHANGE_EACH = 400
"""Queries between two changes of the cluster."""


@dataclass
class Found:
    """What a run has seen."""

    answered: Counter[str] = field(default_factory=Counter)
    """Messages by what became of them."""
    findings: list[str] = field(default_factory=list)
    """What must not be, the first of it."""
    total: int = 0
    """Of findings."""

    def bad(self, text: str) -> None:
        """Note a finding."""
        self.total += 1
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(text)


class Wire:
    """The way back to a client."""

    def __init__(self, *, stream: bool) -> None:
        self.stream = stream
        self.sent: list[bytes] = []

    def send(self, response: bytes, peer: Any) -> None:
        """Keep it."""
        self.sent.append(response)

    def source(self, peer: Any) -> tuple[str, int]:
        """An address from the documentation."""
        return "192.0.2.1", 53000


class Asking:
    """Asks a handler, and changes its cluster now and then."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.found = Found()
        self._random = Random(seed)
        self.served = Served(self._random)
        self._services = self.served.fill()[SERVICES]
        self._version = 10
        self._responses = 0
        self._changing = objects()[SERVICES][1]

    def run(self, count: int, *, seed: int | None = None) -> None:
        """Ask so many queries, every tenth over a stream."""
        source = queries(self.seed if seed is None else seed)
        for number in range(count):
            self._one(next(source), stream=number % 10 == 9)
            if number % _CHANGE_EACH == 0:
                self._change()
                self._ask_canary()

    def _one(self, wire: bytes, *, stream: bool) -> None:
        via = Wire(stream=stream)
        others, failures = self.served.others, self.served.failures
        others.failed, asked = False, others.asked
        try:
            prebuilt = None if stream else self._prebuilt(wire[2:])
            if prebuilt is not None:
                via.sent.append(wire[:2] + prebuilt)
                self.found.answered["prebuilt"] += 1
            elif (response := self.served.handler.handle(wire, None, via)) is not None:
                via.sent.append(response)
            others.late()
        except Exception as error:
            self.found.bad(f"{error!r} escaped: {wire.hex()}")
            return
        if failures:
            self.found.bad(f"{failures.pop()!r} inside: {wire.hex()}")
            failures.clear()
        self._check(wire, via, ours=others.asked == asked)

    def _prebuilt(self, key: bytes) -> bytes | None:
        """What a UDP listener answers by itself."""
        handler = self.served.handler
        return handler.prebuilt.get(key) or handler.prebuilt_absent.get(key)

    def _check(self, wire: bytes, via: Wire, *, ours: bool) -> None:
        complaint = ""
        try:
            query = parse_query(wire)
        except WireError as error:
            complaint = self._refused(wire, via, error)
        else:
            complaint = self._served(query, via)
            if not complaint and ours and self._is_sample():
                complaint = _read(via.sent[0])
        if complaint:
            sent = [response.hex() for response in via.sent]
            self.found.bad(f"{complaint}: {wire.hex()} -> {sent}")

    def _refused(self, wire: bytes, via: Wire, error: WireError) -> str:
        if error.rcode is None:
            self.found.answered["ignored"] += 1
            return "an answer to nothing" if via.sent else ""
        self.found.answered["refused"] += 1
        if len(via.sent) != 1:
            return f"{len(via.sent)} responses"
        response = via.sent[0]
        good = response[:2] == wire[:2] and response[2] & 0x80 and response[3] & 15 == error.rcode
        return "" if good else f"not the rcode {error.rcode}"

    def _served(self, query: Query, via: Wire) -> str:
        self.found.answered["answered"] += 1
        if len(via.sent) != 1:
            return f"{len(via.sent)} responses"
        response = via.sent[0]
        if response[:2] != query.wire[:2] or not answers_question(response, query.question):
            return "not the ID and question"
        if len(response) > size_limit(query, stream=via.stream):
            return f"{len(response)} octets"
        try:
            scan = scan_response(response, query.question)
        except Malformed as error:
            return f"unreadable: {error}"
        if scan.rcode == SERVFAIL and not self.served.others.failed:
            return "SERVFAIL"
        if scan.rcode == NXDOMAIN:
            self.found.answered["nxdomain"] += 1
        return ""

    def _is_sample(self) -> bool:
        self._responses += 1
        return self._responses % _READ_EACH == 0

    def _change(self) -> None:
        self._version += 1
        event = "DELETED" if self._version % 2 else "ADDED"
        self.served.event(self._services, event, self._changing, version=self._version)

    def _ask_canary(self) -> None:
        question = names.from_text(CANARY + ".") + b"\0\1\0\1"
        wire = b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + question
        response = self.served.handler.handle(wire, None, Wire(stream=False)) or b""
        address = bytes(int(part) for part in CANARY_ADDRESS.split("."))
        if response[6:8] != b"\0\1" or not response.endswith(address):
            self.found.bad(f"{CANARY} is answered {response.hex()}")


def _read(response: bytes) -> str:
    """Have another implementation read a response of our own; "" for a good one."""
    try:
        dns.message.from_wire(response)
    except dns.exception.DNSException as error:
        return f"dnspython: {error!r}"
    return ""
