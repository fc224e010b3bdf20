"""Log lines wait in a bounded queue, and whoever logs never waits for whoever reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dnscore import log
from dnscore.log_queue import LineQueue
from tests.waiting import eventually

ENOUGH = 1 << 20
"""More octets than a pipe holds."""


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        for fd in (reader, writer):
            try:
                os.close(fd)
            except OSError:
                continue  # The test closed it.


def read_all(fd: int) -> str:
    os.set_blocking(fd, False)
    parts = []
    try:
        while part := os.read(fd, 65536):
            parts.append(part)
    except BlockingIOError:
        pass
    return b"".join(parts).decode()


def test_lines_come_out_in_order() -> None:
    with pipe() as (reader, writer):
        queue = LineQueue(writer)
        for number in range(500):
            queue.write(f"{number}\n")
        queue.close()
        assert read_all(reader) == "".join(f"{number}\n" for number in range(500))


def test_full_pipe_costs_lines_and_no_time_and_the_loss_is_reported() -> None:
    with pipe() as (reader, writer):
        queue = LineQueue(writer, lines_max=100)
        line = "x" * 999 + "\n"
        for _ in range(ENOUGH // len(line)):
            queue.write(line)
        assert queue.dropped > 0
        seen = ""

        def reported() -> bool:
            nonlocal seen
            seen += read_all(reader)
            counts = [int(text) for text in re.findall(r"log lines dropped count=(\d+)", seen)]
            kept = seen.count("x\n")
            return sum(counts) == queue.dropped and kept + queue.dropped == ENOUGH // len(line)

        eventually(reported)
        queue.write("last\n")
        queue.close()
        assert read_all(reader).endswith("last\n")


def test_end_of_the_process_does_not_wait_for_ever() -> None:
    with pipe() as (reader, writer):
        queue = LineQueue(writer, lines_max=100_000)
        for _ in range(ENOUGH // 1000):
            queue.write("x" * 999 + "\n")
        queue.close()
        assert len(read_all(reader)) < ENOUGH


def test_reader_that_is_gone_ends_nothing() -> None:
    with pipe() as (reader, writer):
        os.close(reader)
        queue = LineQueue(writer)
        queue.write("for nobody\n")
        queue.close()


def test_file_is_appended_to_and_a_new_one_begun_on_request(tmp_path: Path) -> None:
    path, old = tmp_path / "log", tmp_path / "log.1"
    path.write_text("before\n")
    queue = LineQueue(2, path=str(path))
    queue.write("one\n")
    eventually(lambda: path.read_text() == "before\none\n")
    path.rename(old)
    queue.write("two\n")
    eventually(lambda: old.read_text() == "before\none\ntwo\n")
    queue.reopen()
    queue.write("three\n")
    queue.close()
    assert old.read_text() == "before\none\ntwo\n"
    assert path.read_text() == "three\n"


def test_file_that_cannot_be_begun_again_goes_on_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    queue = LineQueue(2, path=str(folder / "log"))
    folder.rename(tmp_path / "gone")
    queue.reopen()
    queue.write("line\n")
    queue.close()
    assert (tmp_path / "gone" / "log").read_text() == "line\n"


def test_file_that_cannot_be_opened_is_an_error() -> None:
    with pytest.raises(OSError, match="No such file"):
        LineQueue(2, path="/nowhere/log")


def test_lines_of_loggers_go_there_when_told() -> None:
    with pipe() as (reader, writer):
        queue = LineQueue(writer)
        log.write_to(queue)
        try:
            log.get_logger("part").info("hello", name="x")
        finally:
            log.write_to(None)
        queue.close()
        assert read_all(reader).endswith("part] hello name=x\n")
