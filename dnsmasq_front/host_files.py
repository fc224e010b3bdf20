"""Hosts files on disk: read at the start, on SIGHUP, and when a watched directory changes.

What cannot be used of a file is reported once for each version of it. A file that is missing has
no names; one that is there and cannot be read leaves everything as it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from dnscore.log import get_logger
from dnsmasq_front.conf_file import files_in, read_file
from dnsmasq_front.hosts import HostsContent, parse_hosts
from dnsmasq_front.local_names import LocalNames
from dnsmasq_front.options import HostsOptions

PERIOD_S = 1.0
"""How often watched directories are looked at."""
Version = tuple[str, int, int, int]
"""A file's path, time of change, inode and size."""
_log = get_logger("front.hosts")


class HostFiles:
    """Reads what is known here; the caller brings the time."""

    def __init__(self, options: HostsOptions, *, ttl_s: int) -> None:
        self._options = options
        self._ttl_s = ttl_s
        self._told: dict[str, Version] = {}
        """The versions whose problems have been reported."""
        self._due = float("-inf")
        self._seen: tuple[Version, ...] = ()

    def poll(self, now: float) -> bool:
        """Whether the watched directories have changed since they were read."""
        if not self._options.watched or now < self._due:
            return False
        self._due = now + PERIOD_S
        return self._watched_versions() != self._seen

    def read(self) -> LocalNames | None:
        """Everything that is known here; None when a file cannot be read and all stays as it is."""
        options = self._options
        self._seen = self._watched_versions()
        found = LocalNames(self._ttl_s)
        for host in options.host_records:
            found.add_host_record(host)
        for path in self._paths():
            try:
                content = parse_hosts(read_file(path))
            except FileNotFoundError:
                _log.warning("no such hosts file", file=path)
                continue
            except OSError as error:
                _log.error("hosts file not read; all names stay", file=path, error=error.strerror)
                return None
            found.add_hosts(content.lines, suffix=options.suffix)
            self._tell(path, content)
        for record in options.records:
            found.add(record)
        if found.dropped:
            _log.warning("names with too many records", dropped=found.dropped)
        return found

    def _paths(self) -> Iterator[str]:
        for path in self._options.files:
            if os.path.isdir(path):
                yield from _files_of(path)
            else:
                yield path
        for directory in self._options.watched:
            yield from _files_of(directory)

    def _watched_versions(self) -> tuple[Version, ...]:
        paths = (path for place in self._options.watched for path in _files_of(place, tell=False))
        return tuple(found for path in paths if (found := _version(path)) is not None)

    def _tell(self, path: str, content: HostsContent) -> None:
        version = _version(path)
        if version is not None and self._told.get(path) == version:
            return
        if version is not None:
            self._told[path] = version
        _log.info("read hosts file", file=path, names=content.name_count, skipped=content.skipped)
        for problem in content.problems:
            _log.warning("hosts file: skipped", file=path, problem=problem)


def _files_of(directory: str, *, tell: bool = True) -> list[str]:
    try:
        return files_in(directory)
    except OSError as error:
        if tell:
            _log.warning("hosts directory not read", directory=directory, error=error.strerror)
        return []


def _version(path: str) -> Version | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return path, status.st_mtime_ns, status.st_ino, status.st_size
