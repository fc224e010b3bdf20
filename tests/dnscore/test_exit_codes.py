"""Exit codes: 0 a clean end, 1 a failure, 2 a command line that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from dnscore.flags import UsageError
from dnscore.lifecycle import StartError, run_program


def raising(error: BaseException) -> Callable[[Sequence[str]], int]:
    def main(argv: Sequence[str]) -> int:
        raise error

    return main


def test_code_is_mains() -> None:
    seen: list[Sequence[str]] = []

    def main(argv: Sequence[str]) -> int:
        seen.append(argv)
        return len(argv)

    assert run_program("prog", main, []) == 0
    assert run_program("prog", main, ["-a"]) == 1
    assert seen == [[], ["-a"]]


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UsageError("unknown flag: --x; see --help"), 2, "prog: unknown flag: --x; see --help\n"),
        (StartError("port 53 is taken"), 1, "prog: port 53 is taken\n"),
        (KeyboardInterrupt(), 1, ""),
    ],
)
def test_error_is_one_line_on_stderr(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_program("prog", raising(error), []) == code
    assert capsys.readouterr() == ("", line)


def test_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run_program("prog", raising(ZeroDivisionError()), [])
