"""One connection, without sockets: requests in any pieces, answers in order, deadlines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.http_connection import ANSWER_S, DRAIN_S, HEAD_S, IDLE_S, Connection, Phase
from sidecar.http_reply import text_reply
from sidecar.http_request import HEAD_MAX

GET_A = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
GET_B = b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
NOW = 100.0


def send_all(connection: Connection, now: float = NOW) -> bytes:
    out = connection.out
    connection.sent(len(out), now)
    return out


def drive(connection: Connection) -> list[str]:
    """Answer what there is; the paths asked for."""
    paths = []
    while request := connection.next_request(NOW):
        paths.append(request.path)
        connection.answer(text_reply(200, request.path), NOW)
        assert send_all(connection).endswith(request.path.encode())
    return paths


@given(st.lists(st.integers(0, 3 * len(GET_A)), max_size=8).map(sorted))
def test_requests_may_come_in_any_pieces(cuts: list[int]) -> None:
    stream = GET_A + b"\r\n" + GET_B + LAST
    connection, paths = Connection(NOW), []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        connection.receive(stream[begin:end], NOW)
        paths += drive(connection)
    assert paths == ["/a", "/b", "/c"]
    assert connection.phase is Phase.OVER


def test_a_second_request_waits_for_the_answer_to_the_first() -> None:
    connection = Connection(NOW)
    connection.receive(GET_A + GET_B, NOW)
    first = connection.next_request(NOW)
    assert first is not None and first.path == "/a"
    assert connection.next_request(NOW) is None
    connection.answer(text_reply(200, "A"), NOW)
    assert connection.next_request(NOW) is None
    connection.sent(10, NOW)
    assert (connection.phase, connection.next_request(NOW)) == (Phase.WRITING, None)
    send_all(connection)
    second = connection.next_request(NOW)
    assert second is not None and second.path == "/b"


def test_head_has_the_length_and_not_the_body() -> None:
    connection = Connection(NOW)
    connection.receive(GET_A.replace(b"GET", b"HEAD"), NOW)
    connection.next_request(NOW)
    connection.answer(text_reply(200, "four"), NOW)
    assert b"Content-Length: 4\r\n" in connection.out
    assert connection.out.endswith(b"\r\n\r\n")


def test_an_answer_is_neither_kept_nor_guessed_at_nor_says_who_made_it() -> None:
    connection = Connection(NOW)
    connection.receive(GET_A, NOW)
    connection.next_request(NOW)
    connection.answer(text_reply(200, "x"), NOW)
    assert b"\r\nCache-Control: no-store\r\n" in connection.out
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in connection.out
    assert b"Server" not in connection.out


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET /" + b"x" * HEAD_MAX, b"414"),
        (b"GET / HTTP/1.1\r\nHost: " + b"x" * HEAD_MAX, b"431"),
        (b"GET /" + b"x" * HEAD_MAX + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"junk\r\n\r\n", b"400"),
    ],
)
def test_beyond_the_bounds_is_refused_and_nothing_more_is_read(
    octets: bytes, status: bytes
) -> None:
    connection = Connection(NOW)
    for begin in range(0, len(octets), 1000):
        connection.receive(octets[begin : begin + 1000], NOW)
        assert connection.next_request(NOW) is None
    assert send_all(connection).split()[1] == status
    assert (connection.drains, connection.deadline) == (True, NOW + DRAIN_S)
    connection.receive(GET_A * 1000, NOW)
    assert (connection.next_request(NOW), len(connection.inbox)) == (None, 0)


def test_a_byte_at_a_time_buys_no_time() -> None:
    connection = Connection(NOW)
    for second, octet in enumerate(GET_A[:-1]):
        connection.receive(bytes([octet]), NOW + second)
        assert connection.next_request(NOW + second) is None
    assert connection.deadline == NOW + HEAD_S


def test_deadlines_of_each_phase() -> None:
    connection = Connection(NOW)
    connection.receive(GET_A, NOW)
    assert connection.next_request(NOW) is not None
    assert connection.deadline == float("inf")  # ours to answer
    connection.answer(text_reply(200, "x"), NOW + 1)
    assert connection.deadline == NOW + 1 + ANSWER_S
    send_all(connection, NOW + 2)
    assert connection.deadline == NOW + 2 + IDLE_S
    connection.receive(b"G", NOW + 3)
    assert connection.deadline == NOW + 3 + HEAD_S
