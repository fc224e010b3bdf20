"""An answer that is one record of the type asked is told from all others by a few comparisons."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dnscore.wire.const import NOERROR, OPCODE_MASK
from dnscore.wire.errors import Malformed
from dnscore.wire.scan import (
    ANSWER,
    PLAIN_MAX,
    Scan,
    answers_question,
    plain_scan,
    plain_start,
    plain_ttl,
    scan_response,
)

QUESTION = b"\1a\4test\0\0\1\0\1"
HEAD = b"\x12\x34\x85\x80\0\1\0\1\0\0\0\0"
RECORD = b"\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4\x0a\0\0\1"
PLAIN = HEAD + QUESTION + RECORD


def fields(scan: Scan) -> dict[str, object]:
    return {name: getattr(scan, name) for name in Scan.__slots__}


def test_the_answer_that_most_are() -> None:
    assert plain_ttl(PLAIN, plain_start(QUESTION)) == 30


@pytest.mark.parametrize(
    "wire",
    [
        HEAD[:2] + b"\x05\x80" + PLAIN[4:],
        HEAD[:2] + b"\x87\x80" + PLAIN[4:],
        HEAD[:2] + b"\xa5\x80" + PLAIN[4:],
        HEAD[:2] + b"\x85\x83" + PLAIN[4:],
        HEAD[:2] + b"\x85\x82" + PLAIN[4:],
        HEAD[:6] + b"\0\2" + PLAIN[8:] + RECORD,
        HEAD[:10] + b"\0\1" + PLAIN[12:] + b"\0\0\x29\4\xd0\0\0\0\0\0\0",
        HEAD + QUESTION.upper() + RECORD,
        HEAD + QUESTION + b"\1a\4test\0" + RECORD[2:],
        HEAD + QUESTION + b"\xc0\x0e" + RECORD[2:],
        HEAD + QUESTION + RECORD[:3] + b"\5" + RECORD[4:],
        HEAD + QUESTION + RECORD[:5] + b"\3" + RECORD[6:],
        HEAD + QUESTION + RECORD[:6] + b"\x80" + RECORD[7:],
        PLAIN + b"\0",
        PLAIN[:-1],
        PLAIN[: len(HEAD + QUESTION) + 6],
        HEAD + QUESTION + RECORD[:10] + PLAIN_MAX.to_bytes(2, "big") + bytes(PLAIN_MAX),
        b"",
    ],
)
def test_all_others(wire: bytes) -> None:
    assert plain_ttl(wire, plain_start(QUESTION)) == -1


def test_opt_record_is_no_answer() -> None:
    question = QUESTION[:-4] + b"\0\x29\0\1"
    wire = HEAD + question + b"\xc0\x0c\0\x29\0\1\0\0\0\0\0\0"
    assert plain_ttl(wire, plain_start(question)) == -1


@given(
    st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), max_size=3),
    st.integers(-3, 3),
)
@example([], 0)
def test_plain_answers_are_what_a_full_scan_says(
    changes: list[tuple[int, int]], longer: int
) -> None:
    wire = bytearray(PLAIN)
    for at, octet in changes:
        wire[at] = octet
    response = bytes(wire[:longer] if longer < 0 else wire + bytes(longer))
    ttl = plain_ttl(response, plain_start(QUESTION))
    if ttl >= 0:
        assert answers_question(response, QUESTION)
        assert fields(plain_scan(response, QUESTION, ttl)) == fields(
            scan_response(response, QUESTION)
        )
        return
    try:
        scan = scan_response(response, QUESTION) if answers_question(response, QUESTION) else None
    except Malformed:
        return
    if scan is not None and scan.kind == ANSWER and scan.plain and scan.rcode == NOERROR:
        assert (
            response[12 : 12 + len(QUESTION)] != QUESTION
            or scan.truncated
            or scan.flags & OPCODE_MASK
            or sum(scan.counts) != 1
            or scan.end != len(response)
            or response[len(HEAD + QUESTION) + 6] >= 0x80
        )
