"""Runs the supervisor on a plan of fake daemons, as a process of its own that tests can kill.

python -m tests.localrun.driver RUN_DIR GRACE_S READY_TIMEOUT_S NAME:PORT[:BEHAVIOUR...]...
"""

from __future__ import annotations

import sys
from pathlib import Path

from localrun.plan import HttpReady, Port, ProcessSpec
from localrun.screen import Screen
from localrun.supervisor import supervise


def spec(words: str, *, run_dir: Path, ready_timeout_s: float) -> ProcessSpec:
    name, port, *behaviours = words.split(":")
    return ProcessSpec(
        name=name,
        argv=(
            *(sys.executable, "-m", "tests.localrun.fake_daemon"),
            *(name, port, str(run_dir / "journal"), *behaviours),
        ),
        ports=(Port(int(port), "FAKE_PORT", "nothing"),),
        ready=HttpReady(int(port), "/"),
        ready_timeout_s=ready_timeout_s,
    )


def main() -> int:
    run_dir = Path(sys.argv[1])
    grace_s, ready_timeout_s = float(sys.argv[2]), float(sys.argv[3])
    return supervise(
        [spec(words, run_dir=run_dir, ready_timeout_s=ready_timeout_s) for words in sys.argv[4:]],
        screen=Screen(sys.stdout),
        log_dir=run_dir,
        when_ready="ALL READY",
        grace_s=grace_s,
    )


if __name__ == "__main__":
    sys.exit(main())
