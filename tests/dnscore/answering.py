"""DNS servers without sockets, for tests of the sockets: what is handed to them is kept."""

from __future__ import annotations

from collections.abc import Callable

from dnscore.net.handler import Peer, Via


class Recorder:
    """Answers with a function of the query, or later by `release`."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self._answer = answer
        self.seen: list[tuple[bytes, Peer, Via]] = []

    @property
    def wires(self) -> list[bytes]:
        return [wire for wire, _, _ in self.seen]

    def handle(self, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        self.seen.append((wire, peer, via))
        return self._answer(wire)

    def release(self, number: int, response: bytes) -> None:
        """Answer the query of this number now."""
        _, peer, via = self.seen[number]
        via.send(response, peer)


def echo(wire: bytes) -> bytes:
    """The query itself."""
    return wire


def silent(wire: bytes) -> None:
    """Nothing."""
    return None
