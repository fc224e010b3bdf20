"""The command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from devcluster.options import read_options
from dnscore.flags import UsageError


def test_defaults() -> None:
    options = read_options([])
    assert options is not None
    settings = options.settings
    assert (settings.host, settings.port, settings.sample) == ("127.0.0.1", 8001, False)
    assert (settings.token, settings.forbid, settings.state) == ("", (), None)
    assert settings.bookmark_every_s == 60.0
    assert options.kubeconfig_out is None


def test_everything_given() -> None:
    words = [
        "--listen=[::1]:0",
        "--sample",
        "--state=s",
        "--kubeconfig-out",
        "k",
        "--token=t",
        "--forbid=endpointslices",
        "-forbid",
        "pods",
        "--watch-list=false",
        "--history-size=5",
        "--bookmark-period=1m30s",
        "-v=2",
    ]
    options = read_options(words)
    assert options is not None
    settings = options.settings
    assert (settings.host, settings.port, settings.sample) == ("::1", 0, True)
    assert (settings.state, options.kubeconfig_out) == (Path("s"), Path("k"))
    assert (settings.token, settings.forbid) == ("t", ("endpointslices", "pods"))
    assert (settings.watch_list, settings.history_size) == (False, 5)
    assert settings.bookmark_every_s == 90.0
    assert options.verbosity == 2


def test_help() -> None:
    assert read_options(["--help"]) is None


@pytest.mark.parametrize(
    "word",
    [
        "--listen=8001",
        "--listen=localhost",
        "--listen=example.com:80",
        "--listen=127.0.0.1:65536",
        "--forbid=gadgets",
        "--history-size=0",
        "--bookmark-period=often",
        "--bookmark-period=0s",
        "--colour=red",
    ],
)
def test_usage_errors(word: str) -> None:
    with pytest.raises(UsageError):
        read_options([word])
