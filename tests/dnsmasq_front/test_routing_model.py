"""The routing table against a naive model: try every domain, keep the longest that fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dnscore.net.address import Address
from dnscore.wire import names
from dnsmasq_front.routes import Routes, Rule

LABELS = st.lists(st.sampled_from(["a", "b", "ab", "xa", "local"]), max_size=4)
DOMAINS = st.dictionaries(LABELS.map(tuple).filter(bool), st.integers(1, 250), max_size=8)


def wire(labels: tuple[str, ...] | list[str]) -> bytes:
    return names.from_text(".".join(labels))


def server(number: int) -> Address:
    return Address(f"10.0.0.{number}", 53)


@given(DOMAINS, LABELS)
def test_find_is_the_longest_suffix(domains: dict[tuple[str, ...], int], name: list[str]) -> None:
    rules = [Rule((wire(domain),), server=server(n)) for domain, n in domains.items()]
    routes = Routes.of(rules, [server(251)])
    fitting = [d for d in domains if tuple(name[len(name) - len(d) :]) == d and len(d) <= len(name)]
    best = max(fitting, key=len, default=None)
    route = routes.find(wire(name))
    assert route is not None
    assert route.servers == (server(domains[best] if best else 251),)
    assert route in routes.all
