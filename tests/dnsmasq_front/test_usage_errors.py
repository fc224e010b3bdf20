"""A command line that cannot be used says why, in one line."""

from __future__ import annotations

import pytest

from dnscore.flags import UsageError
from dnsmasq_front.cli import parse_options

WRONG = {
    "unknown flag": ["--no-such-flag"],
    "unknown flag behind --": ["--", "-k", "--no-such-flag=1"],
    "nanny flag behind --": ["--", "-configDir=/x"],
    "stray word": ["stray"],
    "stray word behind --": ["--", "-k", "stray"],
    "not a number": ["--cache-size=many"],
    "hours are not seconds": ["--max-ttl=1h"],
    "negative number": ["--cache-size=-1"],
    "port of the server": ["--server=/corp/10.0.0.1#70000"],
    "port with a colon": ["--server=10.0.0.1:53"],
    "list of servers": ["--server=10.0.0.1,10.0.0.2"],
    "wildcard inside": ["--server=/a.*.corp/10.0.0.1"],
    "neither domain nor server": ["--server="],
    "server without a value": ["--server"],
    "interface of a server": ["--server=10.0.0.1@eth0"],
    "label too long": [f"--server=/{'a' * 64}/10.0.0.1"],
    "address without a domain": ["--address=10.0.0.1"],
    "not an address": ["--address=/d/10.0.0"],
    "reverse network": ["--rev-server=10.0.0.0/33,10.0.0.1"],
    "reverse network without server": ["--rev-server=10.0.0.0/8"],
    "port": ["--port=65536"],
    "listen address": ["--listen-address=localhost"],
    "query log": ["--log-queries=proto"],
    "duration": ["-syncInterval=soon"],
    "two ends": ["--", "-k", "--", "-k"],
    "ambiguous": ["--", "--cache"],
    "ambiguous without --": ["--cache"],
    "value of a flag without one": ["--no-resolv=1"],
    "short flag with =": ["--", "-k=1"],
    "unknown short flag in a group": ["--", "-kN!R"],
    "number with a sign": ["--cache-size=+5"],
    "number with blanks": ["--", "-c", " 5"],
    "port 0": ["--port=0"],
    "fixed source port": ["--query-port=5353"],
    "log facility": ["--log-facility=nosuch"],
    "alias to itself": ["--cname=a.test,a.test"],
    "aliases in a circle": ["--cname=a.test,b.test", "--cname=B.test,A.test"],
    "alias twice": ["--cname=a.test,b.test", "--cname=a.test,c.test"],
    "alias without target": ["--cname=a.test"],
    "host record without a name": ["--host-record=10.0.0.1"],
    "host record with two addresses": ["--host-record=a.test,10.0.0.1,10.0.0.2"],
    "service port": ["--srv-host=_s._tcp.test,a.test,65536"],
    "mail preference": ["--mx-host=a.test,b.test,c"],
    "record type": ["--filter-rr=NOSUCH"],
    "no connections": ["--max-tcp-connections=0"],
    "retry times": ["--fast-dns-retry=10"],
    "range of a domain": ["--domain=a.test,10.0.0.0/8"],
    "empty path": ["--addn-hosts="],
}


@pytest.mark.parametrize("argv", WRONG.values(), ids=WRONG.keys())
def test_is_one_line(argv: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(argv)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_flag_is_named() -> None:
    with pytest.raises(UsageError, match="--cache-size"):
        parse_options(["-c", "many"])


@pytest.mark.parametrize("argv", [["--help"], ["-k", "--help"], ["--", "--help"]])
def test_help_lists_every_flag(argv: list[str]) -> None:
    text = parse_options(argv)
    assert isinstance(text, str)
    for flag in ("--server", "--cache-size", "--configDir", "--no-negcache", "--dns-forward-max"):
        assert flag in text


def test_version() -> None:
    text = parse_options(["--version"])
    assert isinstance(text, str)
    assert text.startswith("dnsmasq-front ")
