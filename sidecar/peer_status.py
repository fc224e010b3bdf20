"""What another process of the pod told of itself last: a worker thread writes it, pages read it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from sidecar.page_fetch import FetchError, fetch
from sidecar.page_url import PageUrl
from sidecar.peer_documents import D, DocumentError, read_document

PERIOD_S = 5.0
"""How often it is asked."""


@dataclass(frozen=True, slots=True)
class PeerReading(Generic[D]):
    """The state at one moment."""

    url: str
    document: D | None
    """The last one that came; None without any."""
    age_s: float | None
    """Since it came."""
    error: str
    """Why the last try brought none; empty when it did, or when there was no try."""


class PeerStatus(Generic[D]):
    """Asks one process, and remembers."""

    def __init__(
        self,
        url: PageUrl,
        kind: type[D],
        *,
        clock: Callable[[], float] = time.monotonic,
        fetch: Callable[[PageUrl], str] = fetch,
    ) -> None:
        self._url = url
        self._kind = kind
        self._clock = clock
        self._fetch = fetch
        self._lock = threading.Lock()
        self._document: D | None = None
        self._came_at = 0.0
        self._error = ""

    def ask(self) -> None:
        """Ask once; what goes wrong is remembered."""
        document, error = None, ""
        try:
            document = read_document(self._fetch(self._url), self._kind)
        except (FetchError, DocumentError) as failure:
            error = str(failure)
        with self._lock:
            self._error = error
            if document is not None:
                self._document, self._came_at = document, self._clock()

    def read(self) -> PeerReading[D]:
        """What is known now."""
        with self._lock:
            age_s = None if self._document is None else self._clock() - self._came_at
            return PeerReading(str(self._url), self._document, age_s, self._error)
