"""Record types as people write them: `A`, `srv`, and `TYPE65280` for others (RFC 3597 5)."""

from __future__ import annotations

from dnscore.wire.const import TYPE_NAMES

_NUMBERS = {name: number for number, name in TYPE_NAMES.items()}


def type_text(number: int) -> str:
    """The mnemonic of a type."""
    return TYPE_NAMES.get(number) or f"TYPE{number}"


def type_number(text: str) -> int:
    """The type that a mnemonic stands for, in any letter case. Raises ValueError."""
    word = text.upper()
    number = _NUMBERS.get(word)
    if number is not None:
        return number
    digits = word.removeprefix("TYPE")
    if digits != word and digits.isascii() and digits.isdigit() and len(digits) <= 5:
        number = int(digits)
        if 0 < number <= 0xFFFF:
            return number
    raise ValueError(f"not a record type: {text!r}")
