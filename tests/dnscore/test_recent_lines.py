"""The last warnings and errors: bounded, the latest first, repetitions kept once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dnscore import log
from dnscore.recent import LINES_MAX, TEXT_MAX, RecentLine, RecentLines


def _line(message: str, *, at: float = 1.0, tail: str = "") -> RecentLine:
    return RecentLine(at, "warning", "test", message + tail, message)


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60))
def test_no_more_lines_than_there_is_room_for(messages: list[str]) -> None:
    lines = RecentLines(lines_max=4)
    for at, message in enumerate(messages):
        lines.add(_line(message, at=float(at)))
    kept = lines.latest_first()
    assert [line.message for line in kept] == list(dict.fromkeys(reversed(messages)))[:4]
    assert [line.at for line in kept] == sorted((line.at for line in kept), reverse=True)


def test_what_is_said_again_is_kept_once_as_it_was_said_last() -> None:
    lines = RecentLines()
    lines.add(_line("other"))
    for number in range(1000):
        lines.add(_line("lost", at=float(number), tail=f" try={number}"))
    lost, other = lines.latest_first()
    assert (lost.text, lost.times, lost.at) == ("lost try=999", 1000, 999.0)
    assert other.times == 1


def test_a_long_line_is_cut() -> None:
    lines = RecentLines()
    lines.add(_line("x" * 10_000))
    assert len(lines.latest_first()[0].text) == TEXT_MAX


def test_the_log_remembers_warnings_and_errors_only() -> None:
    logger = log.get_logger("remembering")
    logger.info("all is well")
    logger.warning("it began", server="192.0.2.1", traceback="very long")
    logger.error("it ended")
    kept = [line for line in log.recent.latest_first() if line.logger == "remembering"]
    assert [(line.level, line.text) for line in kept] == [
        ("error", "it ended"),
        ("warning", "it began server=192.0.2.1"),
    ]
    assert len(log.recent.latest_first()) <= LINES_MAX
    assert kept[0].to_json()["times"] == 1
