"""What the daemon is doing, for people who look for a fault: --profiling, on this machine only.

Where kube-dns has Go's pprof, on the same port: the stack of every thread, what memory is for, and
a profile by sampling, which costs the DNS loop nothing but its turns at the interpreter. Bounded:
one profile at a time, for half a minute at most; memory is traced from the first question about it
until TRACE_S have passed without another one.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable
from types import FrameType
from urllib.parse import parse_qs

from dnscore.httpd import Reply, Route, text_reply

HOST = "127.0.0.1"
PORT = 6060
SECONDS_MAX = 30.0
"""The server cuts off an answer that takes a minute."""
SAMPLE_S = 0.005
TRACE_S = 600.0
_DEPTH = 40
"""Frames of a stack that are told apart."""
_SITES = 40
_INDEX = """/debug/threads              the stack of every thread
/debug/memory               resident memory, and what Python allocates (traced from now on)
/debug/memory?stop          the same, and trace no longer
/debug/profile?seconds=N    where the threads are, sampled; `stack count` lines for flame graphs
"""


def debug_routes(*, sleep: Callable[[float], None] = time.sleep) -> dict[str, Route]:
    """The pages; each is called in a thread of the server's."""
    memory = MemoryPage()
    profile = ProfilePage(sleep=sleep)
    return {
        "/debug": lambda _query: text_reply(200, _INDEX),
        "/debug/threads": lambda _query: text_reply(200, threads_text()),
        "/debug/memory": memory,
        "/debug/profile": profile,
    }


def threads_text() -> str:
    """The stack of every thread, the innermost call last."""
    frames = sys._current_frames()
    parts = []
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if frame is not None:
            stack = "".join(traceback.format_stack(frame, limit=-_DEPTH))
            parts.append(f"{thread.name}{' (daemon)' if thread.daemon else ''}\n{stack}")
    return "\n".join(parts)


class ProfilePage:
    """/debug/profile: one at a time."""

    def __init__(self, *, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._busy = threading.Lock()

    def __call__(self, query: str) -> Reply:
        """`seconds=N`, 10 by default."""
        try:
            seconds = float(parse_qs(query).get("seconds", ["10"])[0])
        except ValueError:
            seconds = -1.0
        if not 0 < seconds <= SECONDS_MAX:
            return text_reply(400, f"seconds: more than 0, at most {SECONDS_MAX:g}\n")
        if not self._busy.acquire(blocking=False):
            return text_reply(429, "a profile is being taken\n")
        try:
            return text_reply(200, self._sampled(seconds))
        finally:
            self._busy.release()

    def _sampled(self, seconds: float) -> str:
        own = threading.get_ident()
        counts: Counter[str] = Counter()
        for _ in range(max(1, round(seconds / SAMPLE_S))):
            self._sleep(SAMPLE_S)
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                if ident != own:
                    counts[f"{names.get(ident, ident)};{_stack(frame)}"] += 1
            if len(counts) > 10_000:
                break
        return "".join(f"{stack} {count}\n" for stack, count in counts.most_common())


def _stack(frame: FrameType | None) -> str:
    calls: list[str] = []
    while frame is not None and len(calls) < _DEPTH:
        code = frame.f_code
        calls.append(f"{frame.f_globals.get('__name__', '?')}.{code.co_qualname}")
        frame = frame.f_back
    return ";".join(reversed(calls))


class MemoryPage:
    """/debug/memory: the first request begins to trace, which slows allocations down."""

    def __init__(self, *, trace_s: float = TRACE_S) -> None:
        self._trace_s = trace_s
        self._lock = threading.Lock()
        self._ending: threading.Timer | None = None

    def __call__(self, query: str) -> Reply:
        """`stop` ends the tracing."""
        with self._lock:
            lines = [_resident()]
            if tracemalloc.is_tracing():
                snapshot = tracemalloc.take_snapshot()
                now, peak = tracemalloc.get_traced_memory()
                lines.append(f"allocated since tracing began: {now} octets, at most {peak}")
                lines += [str(site) for site in snapshot.statistics("lineno")[:_SITES]]
            else:
                lines.append("tracing begins now: ask again")
            self._renew(stop=query == "stop")
        return text_reply(200, "\n".join(lines) + "\n")

    def _renew(self, *, stop: bool) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if stop:
            tracemalloc.stop()
            return
        if not tracemalloc.is_tracing():
            tracemalloc.start()
        self._ending = threading.Timer(self._trace_s, tracemalloc.stop)
        self._ending.daemon = True
        self._ending.start()


def _resident() -> str:
    with open("/proc/self/status", encoding="ascii") as status:
        return " ".join(" ".join(line.split()) for line in status if line.startswith("Vm"))
