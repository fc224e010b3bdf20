"""Starts the processes of a plan in order, watches them, and stops them in the reverse order.

Nothing is left behind on any way out: a stop request, a process that dies, one that never gets
ready, or an error of our own.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from pathlib import Path

from localrun.child import Child
from localrun.plan import ProcessSpec
from localrun.readiness import why_not_ready
from localrun.screen import Screen
from localrun.signals import SignalQueue, queued_signals

LOG_LINES_SHOWN = 15
RETRY_S = 0.05
REMIND_S = 5.0
IDLE_WAIT_S = 3600.0
STOP_GRACE_S = 10.0
"""From SIGTERM to SIGKILL, for each process. Covers a daemon that answers on for a while."""


class StopRequested(Exception):
    """A signal asked the run to end."""


class RunFailed(Exception):
    """A process died, could not be started, or did not get ready; the text is for the person."""


class Supervisor:
    """One run of a plan; see `supervise`."""

    def __init__(
        self, signals: SignalQueue, *, screen: Screen, log_dir: Path, grace_s: float
    ) -> None:
        self._signals = signals
        self._screen = screen
        self._log_dir = log_dir
        self._grace_s = grace_s
        self._children: list[Child] = []

    def start_all(self, specs: Sequence[ProcessSpec]) -> None:
        """Start each process once the one before is ready. Raises RunFailed, StopRequested."""
        for number, spec in enumerate(specs, start=1):
            self._screen.begin(f"[{number}/{len(specs)}] starting {spec.name}")
            began = time.monotonic()
            try:
                self._children.append(Child(spec, self._log_dir / f"{spec.name}.log"))
            except OSError as error:
                raise RunFailed(f"{spec.name} cannot be started: {error}") from None
            self._await_ready(self._children[-1], began)
            self._screen.end(f"ready after {time.monotonic() - began:.1f} s")

    def watch(self) -> None:
        """Until something ends the run. Raises RunFailed, StopRequested."""
        while True:
            self._check_children()
            self._pause(IDLE_WAIT_S)

    def stop_all(self) -> None:
        """Stop what runs, newest first; a further stop request while waiting cuts the grace."""
        hurried = False
        while self._children:
            child = self._children.pop()
            if child.has_ended():
                child.clear_away()
                continue
            self._screen.begin(f"stopping {child.spec.name}")
            child.ask_to_stop()
            hurried = self._await_end(child, hurried=hurried)
            self._screen.end(child.clear_away())

    def _await_ready(self, child: Child, began: float) -> None:
        remind_at = began + REMIND_S
        while reason := why_not_ready(child.spec.ready):
            self._check_children()
            now = time.monotonic()
            if now - began > child.spec.ready_timeout_s:
                waited = f"{child.spec.ready_timeout_s:g} s"
                raise RunFailed(
                    f"{child.spec.name} is not ready after {waited}: {reason}"
                    + self._log_end(child)
                )
            if now > remind_at:
                self._screen.line(f"      still waiting: {reason}; see {child.log_path}")
                remind_at = now + REMIND_S
            self._pause(RETRY_S)
        # Something else may have answered on the port while our process was ending.
        self._check_children()

    def _await_end(self, child: Child, *, hurried: bool) -> bool:
        """Wait for the grace at most; whether somebody is in a hurry by now."""
        deadline = time.monotonic() + self._grace_s
        while not hurried and not child.has_ended():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                break
            found = self._signals.wait(left_s)
            hurried = found is not None and found != signal.SIGCHLD
        return hurried

    def _pause(self, timeout_s: float) -> None:
        found = self._signals.wait(timeout_s)
        if found is not None and found != signal.SIGCHLD:
            raise StopRequested(found.name)

    def _check_children(self) -> None:
        for child in self._children:
            if child.has_ended():
                self._children.remove(child)
                raise RunFailed(
                    f"{child.spec.name} died ({child.clear_away()})" + self._log_end(child)
                )

    def _log_end(self, child: Child) -> str:
        lines = child.last_lines(LOG_LINES_SHOWN)
        if not lines:
            return f"; it wrote nothing to {child.log_path}"
        return "\n".join([f"; the end of {child.log_path}:", *(f"    {line}" for line in lines)])


def supervise(
    specs: Sequence[ProcessSpec],
    *,
    screen: Screen,
    log_dir: Path,
    when_ready: str,
    grace_s: float = STOP_GRACE_S,
) -> int:
    """Run the plan until a signal or a failure; the exit status, 0 only for a signal."""
    with queued_signals() as signals:
        run = Supervisor(signals, screen=screen, log_dir=log_dir, grace_s=grace_s)
        try:
            run.start_all(specs)
            screen.line(when_ready)
            run.watch()
        except StopRequested as request:
            screen.line(f"{request}: stopping")
            return 0
        except RunFailed as failure:
            screen.line(f"localrun: {failure}")
            return 1
        finally:
            run.stop_all()
    raise AssertionError("watch() only ends by raising")
