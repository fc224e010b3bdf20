"""The DNS question in the query string of a page: `name=web.shop.svc.cluster.local&type=SRV`."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs

from dnscore.wire import names
from dnscore.wire.const import AXFR, IXFR
from dnscore.wire.types import type_number

FIELDS_MAX = 8


class PageQuestion(NamedTuple):
    """One question of class IN."""

    name: bytes
    """A folded wire name."""
    qtype: int


def page_question(query: str) -> PageQuestion:
    """The question; its type is A unless it says so. Raises ValueError with the reason."""
    fields = parse_qs(query, max_num_fields=FIELDS_MAX)
    text = fields.get("name", [""])[-1]
    if not text:
        raise ValueError("no name: ask for ?name=web.shop.svc.cluster.local&type=A")
    qtype = type_number(fields.get("type", ["A"])[-1])
    if qtype in (AXFR, IXFR):
        raise ValueError("zones are not transferred here: ask for a type of record")
    return PageQuestion(names.from_text(text.lower()), qtype)
