"""A directory of key files, as the kubelet mounts a ConfigMap: snapshots, and a poller of changes.

Behaviour of kube-dns's `--config-dir`: only top-level files, names with a leading dot skipped
(`..data` is how the kubelet swaps a whole ConfigMap at once), symlinks followed, UTF-8 only.
No inotify: a poll each period, as the kubelet itself is slower than that.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass

SIZE_MAX = 1 << 20
"""Octets of all files together; the API server takes no larger ConfigMap."""
_SWAP_RETRIES = 3


class ConfigDirError(Exception):
    """The directory cannot be read as a whole; the text is one line that names the file."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the directory held at one moment."""

    version: str
    """SHA-256, in hex, of name, NUL, content and NUL of each file in order; "" without files."""
    data: Mapping[str, str]
    """Content by file name, in lexical order."""


def read_snapshot(path: str) -> Snapshot:
    """Everything in the directory now. Raises ConfigDirError."""
    for _ in range(_SWAP_RETRIES):
        before = _swap_link(path)
        snapshot = _read(path)
        # Files read before and after the kubelet's swap would make a mixture that never was.
        if _swap_link(path) == before:
            return snapshot
    raise ConfigDirError(f"{path}: changes faster than it can be read")


class DirectoryPoller:
    """Reads the directory once a period and gives what has changed; the caller brings the time."""

    def __init__(self, path: str, *, period_s: float) -> None:
        self.path = path
        self.period_s = period_s
        self._due = float("-inf")
        self._version: str | None = None
        self._error = ""

    @property
    def name(self) -> str:
        """For people: where the files are."""
        return self.path

    def poll(self, now: float) -> Snapshot | None:
        """The snapshot when it is new, at once the first time; None between polls and unchanged.

        Raises ConfigDirError when the directory cannot be read, once for each distinct reason;
        what was given before stays valid.
        """
        if now < self._due:
            return None
        self._due = now + self.period_s
        try:
            snapshot = read_snapshot(self.path)
        except ConfigDirError as error:
            if str(error) == self._error:
                return None
            self._error = str(error)
            raise
        self._error = ""
        if snapshot.version == self._version:
            return None
        self._version = snapshot.version
        return snapshot


def _swap_link(path: str) -> str:
    try:
        return os.readlink(os.path.join(path, "..data"))
    except OSError:
        return ""


def _read(path: str) -> Snapshot:
    digest = hashlib.sha256()
    data: dict[str, str] = {}
    room = SIZE_MAX
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise ConfigDirError(f"{path}: not a directory")
        names = sorted(name for name in os.listdir(path) if not name.startswith("."))
    except (OSError, ValueError) as error:
        raise ConfigDirError(f"{path}: {_reason(error)}") from None
    for name in names:
        content = _read_file(os.path.join(path, name), room)
        if content is None:
            continue
        room -= len(content)
        try:
            data[name] = content.decode()
        except UnicodeDecodeError as error:
            raise ConfigDirError(f"{path}/{name}: not UTF-8 at byte {error.start}") from None
        digest.update(os.fsencode(name) + b"\0" + content + b"\0")
    return Snapshot(digest.hexdigest() if data else "", data)


def _read_file(path: str, room: int) -> bytes | None:
    """The content, None for what is no regular file. Raises ConfigDirError."""
    try:
        # Without O_NONBLOCK a FIFO among the files would hold us until somebody writes to it.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            content = file.read(room + 1)
    except IsADirectoryError:
        return None
    except OSError as error:
        raise ConfigDirError(f"{path}: {_reason(error)}") from None
    if len(content) > room:
        raise ConfigDirError(f"{path}: the files exceed {SIZE_MAX} octets together")
    return content


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
