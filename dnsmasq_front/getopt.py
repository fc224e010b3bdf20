"""The command-line grammar of dnsmasq: GNU getopt_long(3).

`--name=value` and `--name value`, unique abbreviations of long names, short flags grouped (`-kNR`)
with the value of the last one attached or in the next word (`-c1000`, `-kc 1000`). A flag whose
value may be left out takes it attached only. Departs from getopt in one thing: `-c=500` is 500,
as nannies and people write it, and not `=500`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from dnscore.flags import UsageError


class Takes(Enum):
    """Whether a flag has a value."""

    NOTHING = "nothing"
    VALUE = "a value"
    MAYBE = "a value or none"


class Spelled(Protocol):
    """What the grammar must know of a flag."""

    @property
    def name(self) -> str:
        """Without dashes."""

    @property
    def short(self) -> str:
        """One character, or nothing."""

    @property
    def takes(self) -> Takes: ...


class Given(NamedTuple):
    """One flag as it was given."""

    name: str
    """The whole long name, however it was spelled."""
    value: str | None = None
    """None: without a value."""
    place: str = ""
    """`FILE line N` when it stands in a file."""


class Grammar:
    """Reads the words of a command line, flag by flag."""

    def __init__(self, flags: Iterable[Spelled]) -> None:
        self._by_name: dict[str, Spelled] = {}
        self._by_short: dict[str, Spelled] = {}
        for flag in flags:
            self._by_name[flag.name] = flag
            if flag.short:
                self._by_short[flag.short] = flag

    def long(self, name: str) -> Spelled:
        """The flag of a long name or of its unique beginning. Raises UsageError."""
        exact = self._by_name.get(name)
        if exact is not None:
            return exact
        possible = [known for known in self._by_name if name and known.startswith(name)]
        if len(possible) == 1:
            return self._by_name[possible[0]]
        shown = f"--{name}" if name.isprintable() else repr(f"--{name}")
        if not possible:
            raise UsageError(f"unknown flag: {shown}; see --help")
        meant = ", ".join(f"--{one}" for one in sorted(possible))
        raise UsageError(f"ambiguous flag: {shown} may be {meant}")

    def knows_long(self, name: str) -> bool:
        """Whether it is a whole long name."""
        return name in self._by_name

    def read(self, words: Sequence[str], at: int) -> tuple[list[Given], int]:
        """The flags in the word at `at` and the index of the next one. Raises UsageError."""
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else None
        if word.startswith("--") and len(word) > 2:
            given, used = self._read_long(word[2:], following)
            return [given], at + 1 + used
        if word.startswith("-") and len(word) > 1:
            all_given, used = self._read_shorts(word[1:], following)
            return all_given, at + 1 + used
        raise UsageError(f"not a flag: {word!r}; see --help")

    def _read_long(self, text: str, following: str | None) -> tuple[Given, bool]:
        name, equals, value = text.partition("=")
        flag = self.long(name)
        if equals:
            if flag.takes is Takes.NOTHING:
                raise UsageError(f"--{flag.name} takes no value: {value!r}")
            return Given(flag.name, value), False
        if flag.takes is not Takes.VALUE:
            return Given(flag.name), False
        if following is None:
            raise UsageError(f"--{flag.name} needs a value; see --help")
        return Given(flag.name, following), True

    def _read_shorts(self, letters: str, following: str | None) -> tuple[list[Given], bool]:
        given: list[Given] = []
        for at, letter in enumerate(letters):
            flag = self._by_short.get(letter)
            if letter == "=" and given:
                raise UsageError(f"--{given[-1].name} takes no value: {letters[at + 1 :]!r}")
            if flag is None:
                shown = f"-{letter}" if letter.isprintable() else repr(f"-{letter}")
                raise UsageError(f"unknown flag: {shown}; see --help")
            if flag.takes is Takes.NOTHING:
                given.append(Given(flag.name))
                continue
            attached = letters[at + 1 :].removeprefix("=")
            if attached:
                return [*given, Given(flag.name, attached)], False
            if flag.takes is Takes.MAYBE:
                return [*given, Given(flag.name)], False
            if following is None:
                raise UsageError(f"-{letter} (--{flag.name}) needs a value; see --help")
            return [*given, Given(flag.name, following)], True
        return given, False
