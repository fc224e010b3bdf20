"""How a daemon begins and ends: exit codes, usage errors, parts that stop in reverse order.

Exit codes: 0 a clean end, 1 a failure while running or starting, 2 a command line that cannot
be used. An error that a person must act on is one line on stderr, never a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from dnscore.flags import UsageError
from dnscore.log import get_logger

EXIT_OK = 0
EXIT_FAILURE = 1
EXIT_USAGE = 2


class StartError(Exception):
    """The daemon cannot start; the text is one line that says what to change."""


def run_program(program: str, main: Callable[[Sequence[str]], int], argv: Sequence[str]) -> int:
    """Run `main(argv)` and turn what it raises into an exit code and one line on stderr."""
    try:
        return main(argv)
    except UsageError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_USAGE
    except StartError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return EXIT_FAILURE
    except KeyboardInterrupt:
        return EXIT_FAILURE


class Parts:
    """The running parts of a daemon, stopped in the reverse of the order they were started in.

    A part that fails to stop is logged and does not keep the others from stopping.
    """

    def __init__(self) -> None:
        self._stops: list[tuple[str, Callable[[], None]]] = []

    def started(self, name: str, stop: Callable[[], None]) -> None:
        """Remember how to stop a part that has just been started."""
        self._stops.append((name, stop))

    def stop_all(self) -> None:
        """Stop every part, newest first; a second call does nothing."""
        log = get_logger("lifecycle")
        while self._stops:
            name, stop = self._stops.pop()
            try:
                stop()
            except Exception as error:
                log.error("part did not stop cleanly", part=name, error=repr(error))
