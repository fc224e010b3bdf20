"""Quotes in the values of flags and of configuration files (dnsmasq(8), "CONFIG FILE").

Between double quotes a comma, colon, dot or hash has no meaning of its own, and a backslash
makes a character of what follows: \\t \\e \\b \\r \\n \\\\ and \\". Pure.
"""

from __future__ import annotations

_ESCAPES = {"t": "\t", "e": "\x1b", "b": "\b", "r": "\r", "n": "\n", "\\": "\\", '"': '"'}


def split_commas(text: str) -> list[str]:
    """The parts between commas that are not quoted, without quotes and blanks around them.

    Raises ValueError when a quote is not closed.
    """
    parts: list[list[tuple[str, bool]]] = [[]]
    for char, quoted in _chars(text):
        if char == "," and not quoted:
            parts.append([])
        else:
            parts[-1].append((char, quoted))
    return ["".join(char for char, _ in _trimmed(part)) for part in parts]


def unquoted(text: str) -> str:
    """The text without its quotes, escapes made characters. Raises ValueError as above."""
    return "".join(char for char, _ in _chars(text))


def without_comment(line: str) -> str:
    """A line of a configuration file up to a `#` that is not quoted and begins a word."""
    quoted = escaped = False
    before = " "
    for at, char in enumerate(line):
        if quoted and escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == "#" and not quoted and before.isspace():
            return line[:at]
        before = char
    return line


def _chars(text: str) -> list[tuple[str, bool]]:
    """The characters without quotes, and whether each was quoted."""
    found: list[tuple[str, bool]] = []
    quoted = False
    rest = iter(text)
    for char in rest:
        if char == '"':
            quoted = not quoted
        elif char == "\\" and quoted:
            escaped = next(rest, "")
            found += [(c, True) for c in _ESCAPES.get(escaped, "\\" + escaped)]
        else:
            found.append((char, quoted))
    if quoted:
        raise ValueError("a quote is not closed")
    return found


def _trimmed(part: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    start, end = 0, len(part)
    while start < end and part[start][0].isspace() and not part[start][1]:
        start += 1
    while end > start and part[end - 1][0].isspace() and not part[end - 1][1]:
        end -= 1
    return part[start:end]
