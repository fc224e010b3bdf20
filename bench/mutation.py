"""Messages with some octets changed, cut, added or moved, as a fuzzer wants them."""

from __future__ import annotations

import random

_ODD = (0, 1, 0x0C, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF)


def mutated(wire: bytes, chance: random.Random, *, first: int = 0) -> bytes:
    """A message with one to six changes from the octet `first` on; a tenth stay as they are."""
    if chance.random() < 0.1:
        return wire
    data = bytearray(wire)
    for _ in range(chance.randint(1, 6)):
        _mutate(data, chance, first)
    return bytes(data)


def _mutate(data: bytearray, chance: random.Random, first: int) -> None:
    if len(data) <= first:
        data += chance.randbytes(4)
        return
    at, dice = chance.randrange(first, len(data)), chance.random()
    if dice < 0.35:
        data[at] = chance.randrange(256)
    elif dice < 0.6:
        data[at] = chance.choice(_ODD)
    elif dice < 0.7:
        data[at] ^= 1 << chance.randrange(8)
    elif dice < 0.78:
        del data[at:]
    elif dice < 0.86:
        data += chance.randbytes(chance.randint(1, 20))
    elif dice < 0.93:
        end = at + chance.randint(1, 30)
        data[at:at] = data[at:end]
    else:
        del data[at : at + chance.randint(1, 10)]
