"""Signals become calls in the loop, and go back to what they were when it is closed."""

from __future__ import annotations

import os
import signal
import threading

from dnscore.loop import Loop
from tests.dnscore.looping import run_until


def test_signal_wakes_a_sleeping_loop() -> None:
    loop = Loop()
    ran: list[int] = []

    def got() -> None:
        ran.append(threading.get_ident())
        loop.stop()

    loop.on_signal(signal.SIGUSR1, got)
    begun = threading.Event()
    loop.call_from_thread(begun.set)

    def signal_when_begun() -> None:
        begun.wait(10)
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = threading.Thread(target=signal_when_begun, daemon=True)
    thread.start()
    loop.run()
    thread.join(10)
    loop.close()
    assert ran == [threading.get_ident()]


def test_signal_before_the_loop_runs_is_not_lost() -> None:
    loop = Loop()
    ran: list[int] = []
    loop.on_signal(signal.SIGUSR1, lambda: ran.append(1))
    os.kill(os.getpid(), signal.SIGUSR1)
    run_until(loop, lambda: ran)
    loop.close()


def test_two_signals_have_their_own_calls_and_the_last_one_set_counts() -> None:
    loop = Loop()
    ran: list[str] = []
    loop.on_signal(signal.SIGUSR1, lambda: ran.append("replaced"))
    loop.on_signal(signal.SIGUSR1, lambda: ran.append("usr1"))
    loop.on_signal(signal.SIGUSR2, lambda: ran.append("usr2"))
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR2)
    run_until(loop, lambda: len(ran) == 2)
    loop.close()
    assert sorted(ran) == ["usr1", "usr2"]


def test_closed_loop_does_not_swallow_signals() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    loop = Loop()
    loop.on_signal(signal.SIGUSR1, lambda: None)
    loop.on_signal(signal.SIGUSR1, lambda: None)
    loop.close()
    assert signal.getsignal(signal.SIGUSR1) is before
    assert signal.set_wakeup_fd(-1) == -1
