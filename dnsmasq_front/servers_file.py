"""`--servers-file`: `server` and `rev-server` lines that are read again on SIGHUP.

A file that cannot be used leaves the rules of the last good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dnscore.flags import UsageError
from dnscore.lifecycle import StartError
from dnscore.log import get_logger
from dnsmasq_front.conf_file import parse_conf, read_text
from dnsmasq_front.flag_table import FLAGS
from dnsmasq_front.quoting import unquoted
from dnsmasq_front.routes import Rule

_ALLOWED = ("server", "rev-server", "local", "address")
_log = get_logger("front.config")


class ServersFiles:
    """The rules of some files."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._rules: dict[str, tuple[Rule, ...]] = dict.fromkeys(paths, ())

    @property
    def rules(self) -> list[Rule]:
        """Those of the last good state of each file."""
        return [rule for rules in self._rules.values() for rule in rules]

    def read(self) -> bool:
        """Read the files again; whether their rules have changed."""
        before = self.rules
        for path in self._rules:
            try:
                self._rules[path] = tuple(parse_rules(read_text(path), file=path))
            except (UsageError, StartError) as error:
                _log.error("servers file not used; its last state stays", error=str(error))
        return self.rules != before


def parse_rules(content: str, *, file: str) -> Iterator[Rule]:
    """The rules of a file's text. Raises UsageError that names file and line."""
    for given in parse_conf(content, file=file):
        parse = FLAGS[given.name].parse
        if given.name not in _ALLOWED or parse is None:
            raise UsageError(f"{given.place}: {given.name} cannot stand in a servers file")
        try:
            yield parse(unquoted(given.value or ""))
        except ValueError as error:
            raise UsageError(f"{given.place}: {given.name}: {error}") from None
