"""The notifier's rim: its datagrams leave from the port that DNS is answered on.

So a front that is told which server it asks can tell it from anybody else on the machine, and
what it acknowledges comes back to the port that is open anyway.
"""

from __future__ import annotations

from collections.abc import Iterable

from dnscore.log import get_logger
from dnscore.loop import Loop, Timer
from dnscore.net.address import Address
from dnscore.net.udp import UdpListener
from kubedns.notify import Notifier, NotifyTarget

_log = get_logger("kubedns.notify")


class Notifying:
    """Sends what a Notifier wants sent, when it wants it."""

    def __init__(self, loop: Loop, listener: UdpListener, notifier: Notifier) -> None:
        self._loop = loop
        self._listener = listener
        self._notifier = notifier
        self._peers = {
            target.address: listener.peer_at(target.address) for target in notifier.targets
        }
        self._told = dict.fromkeys(self._peers, False)
        self._timer: Timer | None = None

    @property
    def targets(self) -> tuple[NotifyTarget, ...]:
        """Those who are told, with their figures."""
        return self._notifier.targets

    def changed(self, names: Iterable[bytes], *, serial: int) -> None:
        """Tell that answers at and below these names differ from now on."""
        self._notifier.changed(names, serial=serial, now=self._loop.now())
        self._send()

    def response(self, wire: bytes, source: tuple[str, int]) -> bool:
        """Take in a response to a NOTIFY; False when it answers none of ours."""
        taken = self._notifier.acknowledged(wire, Address(*source), now=self._loop.now())
        if taken:
            self._tell_state()
            self._send()
        return taken

    def _send(self) -> None:
        now = self._loop.now()
        for address, wire in self._notifier.datagrams(now):
            self._listener.send(wire, self._peers[address])
        when = self._notifier.next_at()
        if when is None:
            return
        if self._timer is not None and self._timer.callback is not None:
            if self._timer.when <= when:
                return  # It comes soon enough, and sees then what is due.
            self._timer.cancel()
        self._timer = self._loop.call_at(max(when, now), self._due)

    def _due(self) -> None:
        self._tell_state()
        self._send()

    def _tell_state(self) -> None:
        for target in self._notifier.targets:
            if target.is_told == self._told[target.address]:
                continue
            self._told[target.address] = target.is_told
            if target.is_told:
                _log.info("changes are told", to=target.address)
            else:
                _log.warning("nobody takes our NOTIFY messages", at=target.address)
