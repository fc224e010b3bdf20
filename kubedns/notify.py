"""Telling caches at once which names have changed: NOTIFY (RFC 1996), without I/O or clock.

A NOTIFY for a name and the type ANY says that everything at and below the name may differ now.
One for the zone and the type SOA is a sign of life that goes out every HEARTBEAT_S; the serial in
it is that of the latest change which was told, so a cache that has missed one finds out. A cache
that hears nothing must not rely on being told, and goes back to short lives (see the README).

Each target is told apart from the others, acknowledges each message, and gets it again until it
does, at growing distances. Names wait while many are under way and are told once however often
they change meanwhile. When too many wait, or a target has been away, three messages say that
everything may differ: the zone and both reverse zones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from struct import Struct

from dnscore.net.address import Address
from dnscore.wire.const import AA, ANY, HEADER_SIZE, IN, NOERROR, OPCODE_NOTIFY, QR, RCODE_MASK, SOA

HEARTBEAT_S = 1.0
RETRY_FIRST_S = 0.03
"""A front in the same pod answers within a millisecond; this is for what was lost."""
RETRY_MAX_S = 2.0
TRIES_MAX = 6
"""After so many the target counts as away: for about a second it has said nothing."""
UNDER_WAY_MAX = 64
"""Messages without acknowledgement, per target."""
NAMES_MAX = 256
"""Names that wait; of more, everything is told."""
DELAY_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Upper bounds of the delays from a change to its acknowledgement that are counted apart."""

_HEADER = Struct("!HHHHHH")
_TYPE_CLASS = Struct("!HH")
_RECORD = Struct("!HHIH")
_SOA_NUMBERS = Struct("!IIIII")
_OWNER_IS_QUESTION = 0xC000 | HEADER_SIZE
_ROOT_NAMES = b"\x00\x00"


class _Message:
    """One NOTIFY that has been sent and not been acknowledged."""

    __slots__ = ("name", "qtype", "retry_at", "retry_s", "since", "tries", "wire")

    def __init__(self, name: bytes, qtype: int, wire: bytes, *, since: float, now: float) -> None:
        self.name = name
        self.qtype = qtype
        self.wire = wire
        self.since = since
        """When the name changed."""
        self.tries = 1
        self.retry_s = RETRY_FIRST_S
        self.retry_at = now + RETRY_FIRST_S


@dataclass(slots=True)
class NotifyCounters:
    """Plain sums since the start."""

    sent: int = 0
    """Messages, each counted once; those for the zone as a sign of life left out."""
    retried: int = 0
    acknowledged: int = 0
    refused: int = 0
    """Messages that the target does not take from us."""
    whole_zone: int = 0
    """Times that everything was told, in place of names."""


class NotifyTarget:
    """One cache and what it has been told."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.is_told = False
        """Whether it takes what we tell it, as far as we know."""
        self.away = False
        """Whether it has said nothing for so long that names are not told one by one any more."""
        self.counters = NotifyCounters()
        self.delays = [0] * (len(DELAY_BUCKETS_S) + 1)
        """How many changes were acknowledged within each of DELAY_BUCKETS_S, and after them."""
        self.delay_sum_s = 0.0
        self.waiting: dict[bytes, float] = {}
        """Changed names that have not been sent, and since when they differ."""
        self.under_way: dict[bytes, _Message] = {}
        """By ID."""
        self.heartbeat_at = float("-inf")
        self.sign_of_life: bytes | None = None
        """ID of the one that is under way; to one that is away, of the question if it is there."""

    def count_delay(self, delay_s: float) -> None:
        """Note how long a change took to be acknowledged."""
        self.delay_sum_s += delay_s
        for number, bound in enumerate(DELAY_BUCKETS_S):
            if delay_s <= bound:
                self.delays[number] += 1
                return
        self.delays[-1] += 1


class Notifier:
    """What each target is to be told. Times are monotonic seconds."""

    def __init__(
        self,
        targets: Sequence[Address],
        *,
        zone: bytes,
        roots: Iterable[bytes],
        random_id: Callable[[], bytes],
    ) -> None:
        """`zone` is the apex and `roots` are the other names that stand for everything."""
        self.targets = tuple(NotifyTarget(address) for address in targets)
        self._by_address = {target.address: target for target in self.targets}
        self._zone = zone
        self._everything = (zone, *sorted(roots))
        self._random_id = random_id
        self._serial: int | None = None

    def changed(self, names: Iterable[bytes], *, serial: int, now: float) -> None:
        """Answers at and below these folded names differ from now on; `serial` is the zone's."""
        self._serial = serial
        fresh = frozenset(names)
        for target in self.targets:
            if self._zone in fresh:
                self._tell_everything(target, since=now)
            elif target.away or self._zone in target.waiting:
                continue  # Everything will be told anyway, and has not been sent.
            else:
                for name in fresh:
                    target.waiting.setdefault(name, now)
                if len(target.waiting) > NAMES_MAX:
                    self._tell_everything(target, since=now)

    def _tell_everything(self, target: NotifyTarget, *, since: float) -> None:
        since = min((since, *target.waiting.values()))
        target.counters.whole_zone += 1
        target.waiting = dict.fromkeys(self._everything, since)

    def datagrams(self, now: float) -> list[tuple[Address, bytes]]:
        """What is to be sent now."""
        if self._serial is None:
            return []  # Nothing has been answered so far, so nothing can have changed.
        found: list[tuple[Address, bytes]] = []
        for target in self.targets:
            self._retry(target, now, found)
            self._send_waiting(target, now, found)
            # While names wait, its serial would be ahead of what the target has been told.
            if now >= target.heartbeat_at and not target.sign_of_life and not target.waiting:
                target.heartbeat_at = now + HEARTBEAT_S
                qtype = ANY if target.away else SOA
                wire = self._send(target, self._zone, qtype, since=now, now=now)
                target.sign_of_life = wire[:2]
                found.append((target.address, wire))
        return found

    def _retry(
        self, target: NotifyTarget, now: float, found: list[tuple[Address, bytes]]
    ) -> None:
        for message in target.under_way.values():
            if message.retry_at > now:
                continue
            if message.tries >= TRIES_MAX and not target.away:
                self._gone_away(target, now)
                return
            message.tries += 1
            message.retry_s = min(2 * message.retry_s, RETRY_MAX_S)
            message.retry_at = now + message.retry_s
            target.counters.retried += 1
            found.append((target.address, message.wire))

    def _gone_away(self, target: NotifyTarget, now: float) -> None:
        """Nobody answers there: from now on one message at growing distances, until somebody does.

        Its answer brings everything else after it. It is no sign of life, as the cache may well
        hear us while we do not hear it, and must not rely on what it is not told.
        """
        target.away = True
        target.is_told = False
        target.under_way.clear()
        target.waiting.clear()
        target.sign_of_life = None
        target.heartbeat_at = now + RETRY_MAX_S / 2

    def _send_waiting(
        self, target: NotifyTarget, now: float, found: list[tuple[Address, bytes]]
    ) -> None:
        waiting = target.waiting
        while waiting and len(target.under_way) < UNDER_WAY_MAX:
            name = next(iter(waiting))
            wire = self._send(target, name, ANY, since=waiting.pop(name), now=now)
            target.counters.sent += 1
            found.append((target.address, wire))

    def _send(
        self, target: NotifyTarget, name: bytes, qtype: int, *, since: float, now: float
    ) -> bytes:
        id_ = self._random_id()
        while id_ in target.under_way:
            id_ = self._random_id()
        wire = notify_message(id_, name, qtype, serial=self._serial or 0, zone=self._zone)
        target.under_way[id_] = _Message(name, qtype, wire, since=since, now=now)
        return wire

    def acknowledged(self, wire: bytes, source: Address, *, now: float) -> bool:
        """Take a response to a NOTIFY in; False when it answers none of ours."""
        target = self._by_address.get(source)
        message = target.under_way.get(wire[:2]) if target else None
        if target is None or message is None or not _answers(wire, message):
            return False
        del target.under_way[wire[:2]]
        refused = wire[3] & RCODE_MASK != NOERROR
        if wire[:2] == target.sign_of_life:
            target.is_told = not refused and not target.away
            target.sign_of_life = None
            target.heartbeat_at = now if target.away else now + HEARTBEAT_S
        elif refused:
            target.counters.refused += 1
        else:
            target.counters.acknowledged += 1
            target.count_delay(now - message.since)
        if target.away:
            target.away = False
            self._tell_everything(target, since=now)
        return True

    def next_at(self) -> float | None:
        """When `datagrams` has something to give next, None when a change has to come first."""
        if self._serial is None or not self.targets:
            return None
        soonest = []
        for target in self.targets:
            if target.waiting and len(target.under_way) < UNDER_WAY_MAX:
                return float("-inf")
            soonest += [message.retry_at for message in target.under_way.values()]
            if target.sign_of_life is None and not target.waiting:
                soonest.append(target.heartbeat_at)
        return min(soonest)


def notify_message(id_: bytes, name: bytes, qtype: int, *, serial: int, zone: bytes) -> bytes:
    """A NOTIFY for a name (RFC 1996 3.6), with the zone's SOA and so its serial (3.7)."""
    head = _HEADER.pack(int.from_bytes(id_), OPCODE_NOTIFY | AA, 1, 1, 0, 0)
    owner = _OWNER_IS_QUESTION.to_bytes(2) if name == zone else zone
    # A hint for the serial alone: the other fields are those of nobody's zone.
    rdata = _ROOT_NAMES + _SOA_NUMBERS.pack(serial & 0xFFFFFFFF, 0, 0, 0, 0)
    record = _RECORD.pack(SOA, IN, 0, len(rdata))
    return head + name + _TYPE_CLASS.pack(qtype, IN) + owner + record + rdata


def is_notify_response(wire: bytes) -> bool:
    """Whether a message is a response to some NOTIFY."""
    return len(wire) >= HEADER_SIZE and (wire[2] << 8) & (QR | 0x7800) == QR | OPCODE_NOTIFY


def _answers(wire: bytes, message: _Message) -> bool:
    end = HEADER_SIZE + len(message.name) + 4
    return wire[HEADER_SIZE:end].lower() == message.wire[HEADER_SIZE:end].lower()
