"""`*.bind` questions of class CHAOS: how operations tools read dnsmasq's counters.

The sidecar and dnsmasq exporters poll these; each answer is one TXT record with one string
(dnsmasq(8), "cache statistics"), whatever RD is. Other CHAOS names are NOTIMP, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dnscore import VERSION
from dnscore.wire import names
from dnscore.wire.build import Record, build_response, size_limit
from dnscore.wire.const import AA, ANY, CH, NOERROR, NOTIMP, RA, TXT
from dnscore.wire.query import Query

Text = Callable[[], str]


class Chaos:
    """Answers CHAOS questions from named texts."""

    def __init__(self, texts: Mapping[str, Text]) -> None:
        """`texts` maps names such as `hits.bind` to what gives their text now."""
        self._texts = {names.from_text(name): text for name, text in texts.items()}
        self._texts[names.from_text("version.bind")] = lambda: f"dnsmasq_front-{VERSION}"

    def answer(self, query: Query, *, stream: bool) -> bytes:
        """The response to a question of class CHAOS."""
        limit = size_limit(query, stream=stream)
        text = self._texts.get(query.name)
        if text is None or query.qtype not in (TXT, ANY):
            return build_response(query, flags=RA, rcode=NOTIMP, limit=limit)
        string = text().encode("ascii")
        record = Record(query.name, TXT, 0, bytes((len(string),)) + string, CH)
        return build_response(query, flags=AA | RA, rcode=NOERROR, answers=[record], limit=limit)
