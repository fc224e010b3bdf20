"""Writes to the API server, and the moment at which each was acknowledged."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from bench.process import ServerError

_HOST = "127.0.0.1"


class Writer:
    """One connection to the API server."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection(_HOST, port, timeout=10)

    def write(self, method: str, path: str, obj: dict[str, Any] | None = None) -> float:
        """When the acknowledgement was read (monotonic). Raises ServerError, OSError."""
        headers = {"Content-Type": "application/json"}
        self._http.request(method, path, None if obj is None else json.dumps(obj), headers)
        answer = self._http.getresponse()
        acknowledged = time.monotonic()
        said = answer.read()
        if answer.status not in (200, 201):
            raise ServerError(f"{method} {path}: {answer.status} {said[:200]!r}")
        return acknowledged

    def close(self) -> None:
        """End the connection."""
        self._http.close()
