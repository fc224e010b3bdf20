"""Which part of a response may turn, so that each address has its turn at the first place.

The records that turn are the last of the answer section, all A or all AAAA, of equal size, and
nothing after them can point into them. Everything else keeps its order. Pure.
"""

from __future__ import annotations

from struct import Struct, error

from dnscore.wire import names
from dnscore.wire.const import AAAA, OPT, A
from dnscore.wire.errors import Malformed
from dnscore.wire.rotate import Rotation

_COUNTS = Struct("!HHH")
_FIXED = Struct("!HHIH")


def rotation_of(response: bytes, question_end: int, *, turn: int) -> Rotation | None:
    """The response (behind its ID) as one whose addresses turn; None when it has nothing to turn.

    `response` is whole, ID included, and well-formed.
    """
    answers, authorities, additionals = _COUNTS.unpack_from(response, 6)
    if answers < 2 or authorities:
        return None
    try:
        block = _address_block(response, question_end, answers)
        if block is None:
            return None
        start, end, count = block
        if additionals and not _is_opt_alone(response, end, additionals):
            return None
    except (Malformed, error, IndexError):
        return None
    return Rotation(
        response[2:start],
        response[start:end],
        response[end:],
        count=count,
        shown=count,
        turn=turn % count,
    )


def _address_block(response: bytes, at: int, answers: int) -> tuple[int, int, int] | None:
    """Start, end and number of the equal address records that end the answer section."""
    start = size = kind = count = 0
    for _ in range(answers):
        fixed = names.skip(response, at)
        rtype, _, _, rdlength = _FIXED.unpack_from(response, fixed)
        end = fixed + 10 + rdlength
        if rtype not in (A, AAAA):
            if count:
                return None
        elif not count:
            start, size, kind, count = at, end - at, rtype, 1
        elif (end - at, rtype) != (size, kind) or not _points_before(response, at, start):
            # What one of these records spells out, or points to, may not stand in another.
            return None
        else:
            count += 1
        at = end
    if count < 2 or not _points_before(response, start, start):
        return None
    return start, at, count


def _points_before(response: bytes, at: int, start: int) -> bool:
    """Whether the name at `at` is a pointer to something before `start`."""
    return response[at] >= 0xC0 and (response[at] & 0x3F) << 8 | response[at + 1] < start


def _is_opt_alone(response: bytes, at: int, additionals: int) -> bool:
    return additionals == 1 and response[at] == 0 and _FIXED.unpack_from(response, at + 1)[0] == OPT
