"""`call_from_thread` wakes the loop, loses nothing, and starves nobody."""

from __future__ import annotations

import socket
import threading

from dnscore.loop import Loop
from tests.dnscore.looping import run_until


def test_calls_of_several_threads_all_run_in_the_loops_thread_in_order(loop: Loop) -> None:
    ran: list[tuple[int, int]] = []
    idents: set[int] = set()

    def call(thread: int, number: int) -> None:
        idents.add(threading.get_ident())
        ran.append((thread, number))

    def work(thread: int) -> None:
        for number in range(2000):
            loop.call_from_thread(lambda n=number: call(thread, n))  # type: ignore[misc]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    run_until(loop, lambda: len(ran) == 8000)
    for thread in threads:
        thread.join(10)
    assert idents == {threading.get_ident()}
    for thread_number in range(4):
        assert [n for t, n in ran if t == thread_number] == list(range(2000))


def test_call_wakes_a_loop_that_has_nothing_else_to_do(loop: Loop) -> None:
    begun = threading.Event()
    loop.call_from_thread(begun.set)

    def stop_when_begun() -> None:
        begun.wait(10)
        loop.call_from_thread(loop.stop)

    thread = threading.Thread(target=stop_when_begun, daemon=True)
    thread.start()
    loop.run()
    thread.join(10)


def test_call_made_before_the_loop_runs_is_not_lost(loop: Loop) -> None:
    ran: list[int] = []
    loop.call_from_thread(lambda: ran.append(1))
    run_until(loop, lambda: ran)


def test_call_that_calls_again_does_not_starve_the_sockets(loop: Loop) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        read: list[bytes] = []
        turns: list[int] = []

        def again() -> None:
            turns.append(1)
            if len(turns) < 10_000:
                loop.call_from_thread(again)

        loop.on_readable(ours.fileno(), lambda: read.append(ours.recv(10)))
        loop.call_from_thread(again)
        theirs.send(b"x")
        run_until(loop, lambda: read)
        loop.forget(ours.fileno())
    assert len(turns) < 10_000


def test_call_after_close_is_harmless() -> None:
    loop = Loop()
    loop.close()
    loop.call_from_thread(lambda: None)
