"""`--conf-file` and `--conf-dir`: flags in files, without dashes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.flags import UsageError
from dnscore.lifecycle import StartError
from dnsmasq_front.cli import parse_options
from dnsmasq_front.conf_file import parse_conf
from dnsmasq_front.options import FrontOptions


def options_with(tmp_path: Path, content: str, *argv: str) -> FrontOptions:
    path = tmp_path / "front.conf"
    path.write_text(content)
    options = parse_options(["--", *argv, f"--conf-file={path}"])
    assert isinstance(options, FrontOptions)
    return options


def test_lines_of_every_form(tmp_path: Path) -> None:
    options = options_with(
        tmp_path,
        "# a comment\n\n  \tno-resolv\ncache-size = 7 # another\n"
        'server=/"a.test"/10.0.0.1#54\nuser=root\nno-hosts\nlog-queries=extra\r\n'
        "resolv-file=/x#y\n",
    )
    assert options.resolv_file is None
    assert options.cache.records == 7
    assert options.hosts.files == ()
    assert [str(rule.server) for rule in options.rules] == ["10.0.0.1:54"]
    assert options.ignored_flags == ("user",)
    assert options.log_extra


def test_scalar_of_a_file_wins_and_servers_add_up(tmp_path: Path) -> None:
    options = options_with(tmp_path, "cache-size=2\nserver=10.0.0.2\n", "-c1", "-S10.0.0.1", "-T3")
    assert options.cache.records == 2
    assert options.local.ttl_s == 3
    assert [str(rule.server) for rule in options.rules] == ["10.0.0.1:53", "10.0.0.2:53"]


def test_quotes_keep_commas_and_hashes(tmp_path: Path) -> None:
    options = options_with(tmp_path, 'txt-record=t.test,"a,b # c","\\"q\\"\\t",d\n')
    assert [record.rdata for record in options.hosts.records] == [b'\x07a,b # c\x04"q"\t\x01d']


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nosuch=1", "unknown flag: 'nosuch'"),
        ("no-neg", "unknown flag: 'no-neg'"),  # no abbreviations in files
        ("c=5", "unknown flag: 'c'"),
        ("no-resolv=1", "no-resolv takes no value: '1'"),
        ("cache-size", "cache-size needs a value"),
        ("cache-size=5#x", "--cache-size: not a whole number"),
        ("port=5 3", "--port: not a whole number"),
        ("no-hosts junk", "unknown flag: 'no-hosts junk'"),
        ('txt-record=a.test,"x', "txt-record: a quote is not closed"),
        ("cache-size=5\ncache-size=6", "cache-size is there a second time"),
        ("dhcp-range=10.0.0.1,10.0.0.9", "--dhcp-range is refused: no DHCP"),
    ],
    ids=str,
)
def test_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    number = 2 + line.count("\n")
    with pytest.raises(UsageError, match=rf"front.conf' line {number}: {reason}"):
        options_with(tmp_path, f"# first\n{line}\n")


def test_missing_file_says_which(tmp_path: Path) -> None:
    for flag in ("--conf-file", "--conf-dir"):
        with pytest.raises(StartError, match="nosuch': No such file or directory"):
            parse_options([f"{flag}={tmp_path}/nosuch"])


def test_directory_in_order_without_what_editors_leave(tmp_path: Path) -> None:
    for name, ttl in {"b.conf": 2, "a.conf": 1, "c.txt": 3}.items():
        (tmp_path / name).write_text(f"addn-hosts=/{ttl}\n")
    for name in (".hidden", "old~", "#auto#"):
        (tmp_path / name).write_text("junk\n")
    (tmp_path / "below").mkdir()

    def files(flag: str) -> tuple[str, ...]:
        options = parse_options(["--no-hosts", flag])
        assert isinstance(options, FrontOptions)
        return options.hosts.files

    assert files(f"--conf-dir={tmp_path}") == ("/1", "/2", "/3")
    assert files(f"--conf-dir={tmp_path},*.conf") == ("/1", "/2")
    assert files(f"--conf-dir={tmp_path},.txt") == ("/1", "/2")


def test_files_name_further_files_and_each_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text(f"cache-size=9\nconf-file={tmp_path}/front.conf\n")
    options = options_with(tmp_path, f"conf-file={tmp_path}/more.conf\nlocal-ttl=4\n")
    assert (options.cache.records, options.local.ttl_s) == (9, 4)


def test_default_file_is_read_if_there_and_none_is_named(tmp_path: Path) -> None:
    default = tmp_path / "dnsmasq.conf"

    def records(*argv: str) -> int:
        options = parse_options(argv, default_conf=str(default))
        assert isinstance(options, FrontOptions)
        return options.cache.records

    assert records() == 150
    default.write_text("cache-size=5\n")
    assert records() == 5
    assert records("--conf-file=") == 150
    assert records(f"--conf-file={default}") == 5


def test_pipe_without_a_writer_does_not_hold_up_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert isinstance(parse_options([f"--conf-file={tmp_path}/pipe"]), FrontOptions)


@given(st.text() | st.text('abc="\\#,= \n', max_size=60))
def test_any_text_is_flags_or_one_line(content: str) -> None:
    try:
        list(parse_conf(content, file="x"))
    except UsageError as error:
        assert len(str(error).splitlines()) == 1
