"""The log flags that the stock manifests give to every daemon."""

from __future__ import annotations

import pytest

from dnscore.flags import Flags, FlagSet, UsageError, klog_flags


def parse(line: str) -> Flags:
    flags = FlagSet("prog")
    klog_flags(flags)
    return flags.parse(line.split())


def test_stock_lines_are_accepted() -> None:
    flags = parse(
        "--v=2 -logtostderr --alsologtostderr=true --stderrthreshold 2 --vmodule=a=3"
        " --log_dir=/tmp --log-flush-frequency=5s --skip_headers -one_output=false"
    )
    assert flags["v"] == 2
    assert flags.ignored_given[:2] == ("logtostderr", "alsologtostderr")


@pytest.mark.parametrize(
    ("line", "version"),
    [("", "false"), ("--version", "true"), ("--version=false", "false"), ("--version=raw", "raw")],
)
def test_version(line: str, version: str) -> None:
    assert parse(line)["version"] == version


def test_log_format() -> None:
    assert parse("")["log-format"] == "text"
    assert parse("--log-format=json")["log-format"] == "json"
    with pytest.raises(UsageError, match="--log-format: not text or json: 'xml'"):
        parse("--log-format=xml")


def test_level_is_a_number() -> None:
    with pytest.raises(UsageError, match="--v: not a whole number"):
        parse("-v=high")
