"""Whatever text a flag gets, its parser gives a value or a ValueError with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dnscore.flags import UsageError
from dnscore.lifecycle import StartError
from dnsmasq_front.cli import parse_options
from dnsmasq_front.rev_server import parse_rev_server
from dnsmasq_front.routes import Routes, Rule, parse_address_rule, parse_server

TEXT = st.text() | st.text("/#.:[]0123456789abcdef*@%,-", max_size=40)
WORDS = ["--server", "-A", "--", "-k", "-c", "--rev-server", "-kNRc", "--host-record", "-C", "-7"]
WORDS += [
    "--cname",
    "-Y",
    "-W",
    "--ptr-record",
    "-m",
    "--filter-rr",
    "--no-neg",
    "--use-stale-cache=",
]
PARSERS = [parse_server, parse_address_rule, parse_rev_server]


@pytest.mark.parametrize("parse", PARSERS)
@given(text=TEXT)
@example(text="/" + "a." * 200 + "/10.0.0.1")
@example(text="/\u0130.test/10.0.0.1")
@example(text="/d/10.0.0.1#" + "9" * 5000)
@example(text="::/1,::1")
def test_value_or_reason(parse: Callable[[str], Rule], text: str) -> None:
    try:
        rule = parse(text)
    except ValueError as error:
        assert str(error)
    else:
        routes = Routes.of([rule], [])
        for route in routes.all:
            assert routes.find(route.domain) in (route, None)


@given(st.lists(TEXT | st.sampled_from(WORDS)))
def test_any_command_line_is_options_or_one_line(argv: list[str]) -> None:
    try:
        parse_options(argv)
    except (UsageError, StartError) as error:
        assert len(str(error).splitlines()) == 1
