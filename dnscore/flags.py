"""Command-line flags with the grammar of Go programs, which the stock manifests are written in.

One dash or two, `-x=v` or `-x v`, a bare boolean is true (`-x=false` turns it off), underscores
in names equal dashes, `--` ends the flags. Departs from Go's `flag` only in that words which are
neither flags nor values are refused instead of ending the parsing silently.
Pure: reads no argv and no environment; the caller passes the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dnscore.duration import format_duration, parse_duration

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


class UsageError(Exception):
    """The person at the command line must change it; the text is one line."""


@dataclass(frozen=True, slots=True)
class _Flag:
    name: str
    kind: str
    """`value`, `boolean`, `repeated` or `ignored`."""
    default: Any
    default_text: str
    help: str
    parse: Callable[[str], Any]
    takes_value: bool = True


@dataclass(frozen=True, slots=True)
class Flags:
    """The parsed command line; `flags["dns-port"]` is a typed value."""

    values: dict[str, Any]
    given: frozenset[str]
    """Names that were on the command line."""
    ignored_given: tuple[str, ...]
    """Names that are accepted without effect and were given, in order."""
    rest: tuple[str, ...]
    """The words after `--`."""
    help_wanted: bool = False

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def _normal(name: str) -> str:
    return name.replace("_", "-")


def _parse_boolean(text: str) -> bool:
    if text.lower() in ("1", "t", "true"):
        return True
    if text.lower() in ("0", "f", "false"):
        return False
    raise ValueError(f"not true or false: {text!r}")


@dataclass(slots=True)
class FlagSet:
    """The flags that one program knows."""

    program: str
    _flags: dict[str, _Flag] = field(default_factory=dict)

    def string(
        self,
        name: str,
        default: Any = "",
        *,
        help: str,
        parse: Callable[[str], Any] = str,
    ) -> None:
        """A flag with one value; the last one given wins. `parse` raises ValueError(reason)."""
        self._flags[name] = _Flag(name, "value", default, f"{default}", help, parse)

    def integer(
        self,
        name: str,
        default: int,
        *,
        help: str,
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        """A whole number within bounds that are part of the range."""

        def parse(text: str) -> int:
            # Python's int() takes more than Go does: blanks, `1_000`, digits of other scripts.
            if not _WHOLE.fullmatch(text):
                raise ValueError(f"not a whole number: {text!r}")
            number = int(text)
            if minimum is not None and number < minimum:
                raise ValueError(f"{number} is less than {minimum}")
            if maximum is not None and number > maximum:
                raise ValueError(f"{number} is more than {maximum}")
            return number

        self._flags[name] = _Flag(name, "value", default, str(default), help, parse)

    def duration(self, name: str, default_s: float, *, help: str) -> None:
        """A Go duration, as seconds; negative ones are refused."""

        def parse(text: str) -> float:
            seconds = parse_duration(text)
            if seconds < 0:
                raise ValueError(f"negative duration: {text!r}")
            return seconds

        text = format_duration(default_s)
        self._flags[name] = _Flag(name, "value", default_s, text, help, parse)

    def boolean(
        self,
        name: str,
        *,
        default: Any = False,
        help: str,
        parse: Callable[[str], Any] | None = None,
    ) -> None:
        """A flag that is true when given bare; `parse` may take more words than true and false."""
        text = str(default).lower()
        self._flags[name] = _Flag(name, "boolean", default, text, help, parse or _parse_boolean)

    def repeated(self, name: str, *, help: str, parse: Callable[[str], Any] = str) -> None:
        """A flag that may be given several times; its value is a list in order."""
        self._flags[name] = _Flag(name, "repeated", (), "none", help, parse)

    def ignored(self, *names: str, takes_value: bool) -> None:
        """Flags that older programs took: accepted, without effect."""
        kind = "value" if takes_value else "boolean"
        for name in names:
            self._flags[name] = _Flag(
                name, "ignored", None, kind, "accepted, without effect", str, takes_value
            )

    def parse(self, argv: Sequence[str]) -> Flags:
        """Typed values of the words in argv. Raises UsageError for anything it cannot use."""
        values: dict[str, Any] = {
            f.name: [] if f.kind == "repeated" else f.default for f in self._flags.values()
        }
        given: set[str] = set()
        ignored: list[str] = []
        words = list(argv)
        at = 0
        while at < len(words) and words[at] != "--":
            word = words[at]
            at += 1
            name, equals, text = word.lstrip("-").partition("=")
            if word.count("-", 0, 3) > 2 or not word.startswith("-") or not name:
                raise UsageError(f"not a flag: {word!r}; see --help")
            if name in ("help", "h"):
                return Flags(values, frozenset(given), tuple(ignored), (), help_wanted=True)
            flag = self._find(name)
            if not equals:
                if flag.kind == "boolean" or (flag.kind == "ignored" and not flag.takes_value):
                    text = "true"
                elif at < len(words):
                    text = words[at]
                    at += 1
                else:
                    raise UsageError(f"--{flag.name} needs a value; see --help")
            self._store(flag, text, values=values, given=given, ignored=ignored)
        return Flags(values, frozenset(given), tuple(ignored), tuple(words[at + 1 :]))

    def words_of(self, word: str) -> int:
        """How many words the flag in a word takes; 0 when it is none of these flags.

        For command lines where flags of two grammars stand together.
        """
        name, equals, _ = word.lstrip("-").partition("=")
        if not word.startswith("-") or word.count("-", 0, 3) > 2:
            return 0
        if name in ("help", "h"):
            return 1
        flag = self._flags.get(_normal(name))
        if flag is None:
            return 0
        return 1 if equals or flag.kind == "boolean" or not flag.takes_value else 2

    def _find(self, name: str) -> _Flag:
        flag = self._flags.get(_normal(name))
        if flag is None:
            shown = f"--{name}" if name.isprintable() else repr(f"--{name}")
            raise UsageError(f"unknown flag: {shown}; see --help")
        return flag

    def _store(
        self,
        flag: _Flag,
        text: str,
        *,
        values: dict[str, Any],
        given: set[str],
        ignored: list[str],
    ) -> None:
        if flag.kind == "ignored":
            ignored.append(flag.name)
            return
        try:
            value = flag.parse(text)
        except ValueError as error:
            raise UsageError(f"--{flag.name}: {error}") from None
        if flag.kind == "repeated":
            values[flag.name].append(value)
        else:
            values[flag.name] = value
        given.add(flag.name)

    def usage(self) -> str:
        """The help text: one flag a line, those without effect named last."""
        lines = [f"usage: {self.program} [flags]", ""]
        for flag in sorted(self._flags.values(), key=lambda f: f.name):
            if flag.kind != "ignored":
                default = flag.default_text or "-"
                lines += [f"  --{flag.name}", f"        {flag.help} (default {default})"]
        ignored = sorted(f.name for f in self._flags.values() if f.kind == "ignored")
        if ignored:
            lines += ["", "accepted, without effect: " + ", ".join(f"--{n}" for n in ignored)]
        return "\n".join(lines) + "\n"


def klog_flags(flags: FlagSet) -> None:
    """The log flags that every stock daemon takes; those without effect are accepted."""
    flags.integer("v", 0, help="log level: 2 configuration, 3 queries and record changes")
    flags.string("log-format", "text", help="text (klog lines) or json", parse=_parse_log_format)
    flags.boolean(
        "version", default="false", help="print the version and exit", parse=_parse_version
    )
    flags.ignored(
        "vmodule",
        "log-flush-frequency",
        "stderrthreshold",
        "log-dir",
        "log-file",
        "log-file-max-size",
        "log-backtrace-at",
        takes_value=True,
    )
    flags.ignored(
        "logtostderr",
        "alsologtostderr",
        "skip-headers",
        "skip-log-headers",
        "add-dir-header",
        "one-output",
        takes_value=False,
    )


def _parse_log_format(text: str) -> str:
    if text not in ("text", "json"):
        raise ValueError(f"not text or json: {text!r}")
    return text


def _parse_version(text: str) -> str:
    return "raw" if text == "raw" else str(_parse_boolean(text)).lower()
