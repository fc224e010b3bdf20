"""Very many questions that wait at once, asked by a process of their own."""

from __future__ import annotations

import multiprocessing
import time

from bench.faults.client import Client, quantile_ms

CROWD = 2000
"""Questions that wait for a silent server, if they may."""
_GIVEN_UP_S = 4.5
"""About how long each of them waits."""


class Crowd:
    """Clients that ask for ever new names of a domain."""

    def __init__(self, port: int, domain: str) -> None:
        self.said = ""
        self._ours, self._theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=self._ask, args=(port, domain), daemon=True)

    def __enter__(self) -> Crowd:
        """From here on CROWD questions wait, if nobody answers them."""
        self._process.start()
        self._theirs.close()  # Else we would wait for ever for one that has died.
        self._ours.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.send(None)
        self.said = self._ours.recv()
        self._process.join()

    def _ask(self, port: int, domain: str) -> None:
        self._ours.close()  # Else we would ask for ever when nobody is left to tell us.
        client, number, began = Client(port), 0, time.monotonic()
        while not self._theirs.poll():
            # So many in the time that each waits; when they have come together, we are told.
            due = began + number * _GIVEN_UP_S / CROWD
            client.read(due - time.monotonic())
            if time.monotonic() >= due:
                number += 1
                client.ask(f"q{number}.{domain}")
                if number == CROWD:
                    self._theirs.send(client.waiting)
        waiting = client.waiting
        client.settle()
        waits = client.answered.between(0.0, float("inf"))
        self._theirs.send(
            f"the crowd: {waiting} waiting at the end, {client.answered.failed} of {number} "
            f"failed, the last after {quantile_ms(waits, 1.0):.0f} ms"
        )
