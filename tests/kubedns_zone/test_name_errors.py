"""NXDOMAIN is about a name, not about a type (RFC 8020 2): caches keep it for all types."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.rows import Key, Row
from tests.kubedns_zone.test_any_history import QUESTIONS, changes, new_zone

TYPES = ("A", "AAAA", "SRV", "TXT", "PTR", "CNAME", "HTTPS")


@settings(max_examples=15, deadline=None)
@given(st.lists(changes(), max_size=20))
def test_name_that_is_not_there_has_no_type(history: list[tuple[str, Key, Row | None]]) -> None:
    zone = new_zone()
    for resource, key, row in history:
        zone.apply(resource, [(key, row)])
    for name in QUESTIONS:
        replies = [zone.ask(f"{name} {rdtype}") for rdtype in TYPES]
        # Behind an alias it is about the end of the chain, and is not kept for all types.
        plain = {reply.rcode for reply in replies if not reply.answers}
        assert "NXDOMAIN" not in plain or plain == {"NXDOMAIN"}, name
        assert "NXDOMAIN" not in plain or not any(reply.answers for reply in replies), name
