"""Configuration files: `--conf-file`, `--conf-dir`, `--servers-file` (dnsmasq(8), "CONFIG FILE").

One long flag a line, without dashes, `#` comments, values as on the command line. A scalar of a
file wins over the command line and must stand there once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from dnscore.flags import UsageError
from dnscore.lifecycle import StartError
from dnsmasq_front.flag_table import FLAGS
from dnsmasq_front.getopt import Given, Takes
from dnsmasq_front.quoting import unquoted, without_comment

DEFAULT_FILE = "/etc/dnsmasq.conf"
"""Read when it exists and no `--conf-file` is given."""
SIZE_MAX = 1 << 26
"""Octets read of a file; block lists of a million names have half of them."""


def parse_conf(content: str, *, file: str) -> Iterator[Given]:
    """The flags of a file's text. Raises UsageError that names file and line."""
    for number, raw in enumerate(content.split("\n"), 1):
        place = f"{file!r} line {number}"
        line = without_comment(raw).strip()
        if not line:
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        flag = FLAGS.get(name)
        if flag is None:
            raise UsageError(f"{place}: unknown flag: {name!r}")
        if equals and flag.takes is Takes.NOTHING:
            raise UsageError(f"{place}: {flag.name} takes no value: {value!r}")
        if not equals and flag.takes is Takes.VALUE:
            raise UsageError(f"{place}: {flag.name} needs a value")
        try:
            unquoted(value)
        except ValueError as error:
            raise UsageError(f"{place}: {flag.name}: {error}") from None
        yield Given(flag.name, value if equals else None, place)


def with_files(given: Iterable[Given], *, default: str | None) -> list[Given]:
    """The flags and behind them those of the files that they name, and of files named there.

    `default` is a file that is read if it exists and none is named. Raises UsageError, and
    StartError for a file that cannot be read.
    """
    own, named = _parted(given)
    is_named = any(one.name == "conf-file" for one in named)
    if default is not None and not is_named and os.path.exists(default):
        named.insert(0, Given("conf-file", default))
    read: set[str] = set()
    while named:
        one = named.pop(0)
        for path in _files(one):
            real = os.path.realpath(path)
            if real in read:
                continue  # dnsmasq reads a file once, too: it may well name itself.
            read.add(real)
            more, further = _parted(parse_conf(read_text(path), file=path))
            own += more
            named += further
    return own


def _parted(given: Iterable[Given]) -> tuple[list[Given], list[Given]]:
    own: list[Given] = []
    named: list[Given] = []
    for one in given:
        (named if one.name in ("conf-file", "conf-dir") else own).append(one)
    return own, named


def _files(given: Given) -> list[str]:
    value = given.value or ""
    if given.name == "conf-file":
        return [value] if value else []
    directory, *endings = (part.strip() for part in value.split(","))
    try:
        return files_in(directory, endings)
    except OSError as error:
        raise StartError(f"cannot read --conf-dir {directory!r}: {error.strerror}") from None


def files_in(directory: str, endings: Iterable[str] = ()) -> list[str]:
    """The files of a directory in order, without those that editors leave behind.

    `endings` exclude files; those that begin with `*` are the only ones wanted. Raises OSError.
    """
    wanted = tuple(ending[1:] for ending in endings if ending.startswith("*"))
    unwanted = tuple(ending for ending in endings if ending and not ending.startswith("*"))
    found = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if is_left_behind(name) or (wanted and not name.endswith(wanted)):
            continue
        if not (unwanted and name.endswith(unwanted)) and os.path.isfile(path):
            found.append(path)
    return found


def is_left_behind(name: str) -> bool:
    """Whether a file's name is that of an editor's copy, or hidden."""
    return name.endswith("~") or name.startswith(".") or (name[:1] == "#" == name[-1:])


def read_text(path: str) -> str:
    """The text of a file; odd octets survive as surrogates. Raises StartError."""
    try:
        return read_file(path).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise StartError(f"cannot read {path!r}: {error.strerror}") from None


def read_file(path: str) -> bytes:
    """The first SIZE_MAX octets of a file; `-` is stdin. Raises OSError and never waits."""
    # A pipe that nobody writes to would hold up the start for ever.
    with open("/dev/stdin" if path == "-" else path, "rb", opener=_open_at_once) as file:
        return file.read(SIZE_MAX) or b""


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | (0 if path == "/dev/stdin" else os.O_NONBLOCK))
