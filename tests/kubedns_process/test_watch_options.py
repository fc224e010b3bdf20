"""--endpoints-source and --config-map on the command line."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from kubedns.options import parse_options


@pytest.mark.parametrize("mode", ["auto", "slices", "endpoints"])
def test_endpoints_source(mode: str) -> None:
    assert parse_options([f"--endpoints-source={mode}"], {}).endpoints_source == mode


def test_defaults() -> None:
    options = parse_options([], {})
    assert options.endpoints_source == "auto"
    assert options.config_map is None


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--config-map=kube-dns"], ("kube-system", "kube-dns")),
        (["--config-map=dns.v2", "--config-map-namespace=infra"], ("infra", "dns.v2")),
        (["--config-map-namespace=infra"], None),
        (["--config-map="], None),
    ],
)
def test_config_map(argv: list[str], expected: tuple[str, str] | None) -> None:
    options = parse_options(argv, {})
    assert options.config_map == expected
    assert options.notices == ()


@pytest.mark.parametrize(
    "argv",
    [
        ["--endpoints-source=both"],
        ["--endpoints-source="],
        ["--config-map=Kube DNS"],
        ["--config-map=a/b"],
        ["--config-map=kube-dns", "--config-map-namespace=kube.system"],
        ["--config-map=kube-dns", "--config-dir=/etc"],
    ],
)
def test_what_cannot_be(argv: list[str]) -> None:
    flag = argv[-1].partition("=")[0]
    with pytest.raises(UsageError, match=flag):
        parse_options(argv, {})


def test_nameservers_have_no_effect_beside_a_config_map() -> None:
    options = parse_options(["--config-map=kube-dns", "--nameservers=192.0.2.1"], {})
    assert [notice.flag for notice in options.notices] == ["--nameservers"]
    assert options.notices[0].reason.startswith("--config-map takes its place")
