"""The chunked framing of HTTP/1.1, taken off a body in large pieces (RFC 9112 7.1). Pure.

The standard library takes it off with three reads for each chunk, and the API server sends a chunk
for each event. Here whatever the socket has is read at once.
"""

from __future__ import annotations

from kubedns.k8s.errors import Unreachable

LINE_MAX = 16 * 1024
"""Octets of the line before a chunk, or of one behind the last: what http.client would take is
64 KiB, and no server sends more than a few."""
_SIZE, _BEHIND, _TRAILER = range(3)


class Dechunker:
    """One body. `feed` it as the bytes come."""

    __slots__ = ("_left", "_line", "_next", "ended", "has_rest")

    def __init__(self) -> None:
        self._left = 0
        """Octets of the open chunk that are to come."""
        self._line = b""
        """The beginning of a line that is not there wholly."""
        self._next = _SIZE
        """What the next line is."""
        self.ended = False
        """Whether the body is complete."""
        self.has_rest = False
        """Whether anything came behind its end, which no server may send unasked."""

    def feed(self, data: bytes) -> bytes:
        """What these bytes add to the body. Raises Unreachable when they are no framing."""
        if len(data) <= self._left:
            self._left -= len(data)
            return data
        parts: list[bytes] = []
        at = 0
        while at < len(data) and not self.ended:
            if self._left:
                parts.append(data[at : at + self._left])
                at += len(parts[-1])
                self._left -= len(parts[-1])
                continue
            end = data.find(b"\n", at) + 1
            self._line += data[at:end] if end else data[at:]
            at = end or len(data)
            if len(self._line) > LINE_MAX:
                raise Unreachable("a chunk without a size")
            if end:
                line, self._line = self._line.strip(), b""
                self._take_line(line)
        self.has_rest = at < len(data)
        return b"".join(parts)

    def _take_line(self, line: bytes) -> None:
        if self._next == _TRAILER:
            self.ended = not line
        elif self._next == _BEHIND:
            if line:
                raise Unreachable("a chunk longer than its size")
            self._next = _SIZE
        else:
            self._left = _size(line.partition(b";")[0].strip())
            self._next = _BEHIND if self._left else _TRAILER


def _size(digits: bytes) -> int:
    # int() would take a sign, an underscore and a prefix, too.
    if not digits or digits.strip(b"0123456789abcdefABCDEF"):
        raise Unreachable(f"a chunk of size {digits[:20]!r}")
    return int(digits, 16)
