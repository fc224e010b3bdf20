"""The state file: every object, so that a restarted server goes on where the last one was.

Written whole into a temporary file, which then takes the old one's place, so that a crash leaves
one state or the other. The history of changes is not kept. After a clean end watches resume from
the last resourceVersion; after a crash, when the last writes may be missing from the file, every
older version is "too old", so that no watcher misses what it does not know of.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import msgspec

from devcluster.backend import Backend
from devcluster.resources import BY_PLURAL, Json, Resource
from dnscore.log import get_logger

FORMAT = 1

_QUIET_S = 0.2
"""Pause between two writes of the file: changes in between are written together."""

_log = get_logger("devcluster.state")


class StateError(Exception):
    """The state file cannot be used; the person who named it must act."""


class Saved(msgspec.Struct, frozen=True):
    """What the file holds."""

    format: int
    clean: bool
    """Nothing was written after this."""
    resourceVersion: int
    objects: dict[str, list[Json]]

    def start_version(self, fresh: int) -> int:
        """The version to go on from; `fresh` is later than any a crashed server can have given."""
        return self.resourceVersion if self.clean else max(fresh, self.resourceVersion + 1)


def load(path: Path) -> Saved | None:
    """Read the file; None when there is none. Raises StateError."""
    try:
        saved = msgspec.json.decode(path.read_bytes(), type=Saved)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise StateError(f"cannot read the state file {path}: {error}") from None
    unknown = [name for name in saved.objects if name not in BY_PLURAL]
    if saved.format != FORMAT or unknown:
        raise StateError(f"the state file {path} is of another version of devcluster")
    return saved


def restore(saved: Saved, backend: Backend) -> None:
    """Put the saved objects back."""
    for plural, objects in saved.objects.items():
        for obj in objects:
            backend.adopt(BY_PLURAL[plural], obj)
    backend.adopted()


def encode(version: int, objects: dict[Resource, list[bytes]], *, clean: bool) -> bytes:
    """The file's content."""
    raw = {
        resource.plural: [msgspec.Raw(item) for item in items]
        for resource, items in objects.items()
    }
    return msgspec.json.encode(
        {"format": FORMAT, "clean": clean, "resourceVersion": version, "objects": raw}
    )


class StateWriter:
    """Writes the file some time after each change, in its own thread."""

    def __init__(self, path: Path, backend: Backend) -> None:
        self._path = path
        self._backend = backend
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="devcluster-state", daemon=True)
        backend.on_change(self._changed.set)

    def start(self) -> None:
        """Write the present state and then every later one. Raises StateError."""
        self._write(clean=False)
        self._thread.start()

    def stop(self) -> None:
        """Write the last state, marked as the last."""
        self._stopping.set()
        self._changed.set()
        self._thread.join()
        self._write(clean=True)

    def _run(self) -> None:
        while True:
            self._changed.wait()
            if self._stopping.is_set():
                return
            self._changed.clear()
            started = time.monotonic()
            try:
                self._write(clean=False)
            except StateError as error:
                _log.error("state not saved", error=str(error))
            # A large state is written less often: at most a tenth of the time goes into it.
            self._stopping.wait(max(_QUIET_S, 9 * (time.monotonic() - started)))

    def _write(self, *, clean: bool) -> None:
        version, objects = self._backend.dump()
        try:
            write_atomically(self._path, encode(version, objects, clean=clean))
        except OSError as error:
            raise StateError(f"cannot write the state file {self._path}: {error}") from None


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
