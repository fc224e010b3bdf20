"""One started process: in a session of its own, bound to our life, its output in a log file.

A session of its own keeps the terminal's Ctrl-C away from it: the supervisor stops processes in
order instead. Should the supervisor itself be killed, the kernel kills the child (prctl(2),
PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from localrun.plan import ProcessSpec

_PR_SET_PDEATHSIG = 1
_TAIL_BYTES = 16_384


class Child:
    """A running process of the plan."""

    def __init__(self, spec: ProcessSpec, log_path: Path) -> None:
        """Start it. Raises OSError when the program or the log file cannot be opened."""
        self.spec = spec
        self.log_path = log_path
        libc = ctypes.CDLL(None, use_errno=True)
        parent = os.getpid()

        def in_child() -> None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # The parent died before the line above.
                os._exit(1)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])

        # A kubeconfig of the person's shell must reach no process: the plan names the one to use.
        inherited = {k: v for k, v in os.environ.items() if k != "KUBECONFIG"}
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                spec.argv,
                env={**inherited, "PYTHONUNBUFFERED": "1", **dict(spec.env)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=in_child,
            )

    def has_ended(self) -> bool:
        """Whether it has ended by itself or by a signal. Never blocks."""
        if self._process.returncode is not None:
            return True
        # WNOWAIT leaves the zombie: as long as it is there, its group's number is not given away.
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def ask_to_stop(self) -> None:
        """SIGTERM, as the kubelet sends it."""
        if not self.has_ended():
            os.kill(self._process.pid, signal.SIGTERM)

    def clear_away(self) -> str:
        """Kill whatever is left of it and of its own children; how it ended, in words."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return _how_it_ended(self._process.wait())

    def last_lines(self, count: int) -> list[str]:
        """The end of its log."""
        with self.log_path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            text = log.read().decode(errors="replace")
        return text.splitlines()[-count:]


def _how_it_ended(returncode: int) -> str:
    if returncode >= 0:
        return f"exit status {returncode}"
    return f"killed by {signal.Signals(-returncode).name}"
