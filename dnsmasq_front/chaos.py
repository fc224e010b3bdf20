"""`*.bind` questions of class CHAOS: how operations tools read dnsmasq's counters.

The sidecar and dnsmasq exporters poll these; each answer is one TXT record with one string, that
of `servers.bind` with one for each server (dnsmasq(8), "cache statistics"), whatever RD is. Other
CHAOS names are NOTIMP, as there. Polls are not counted as hits, which they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dnscore import VERSION
from dnscore.wire import names
from dnscore.wire.build import Record, build_response, size_limit
from dnscore.wire.const import AA, ANY, CH, NOERROR, NOTIMP, RA, TXT
from dnscore.wire.query import Query

Strings = Callable[[], Sequence[str]]


class Chaos:
    """Answers CHAOS questions from named texts."""

    def __init__(self, texts: Mapping[str, Strings], *, ident: bool = True) -> None:
        """`texts` maps names such as `hits.bind` to what gives their strings now.

        Without `ident` (`--no-ident`) nothing is told.
        """
        self._texts: dict[bytes, Strings] = {}
        if ident:
            self._texts = {names.from_text(name): text for name, text in texts.items()}
            self._texts[names.from_text("version.bind")] = lambda: [f"dnsmasq_front-{VERSION}"]

    def answer(self, query: Query, *, stream: bool) -> bytes:
        """The response to a question of class CHAOS."""
        limit = size_limit(query, stream=stream)
        text = self._texts.get(query.name)
        if text is None or query.qtype not in (TXT, ANY):
            return build_response(query, flags=RA, rcode=NOTIMP, limit=limit)
        strings = [string.encode("ascii") for string in text()] or [b""]
        rdata = b"".join(bytes((len(string),)) + string for string in strings)
        record = Record(query.name, TXT, 0, rdata, CH)
        return build_response(query, flags=AA | RA, rcode=NOERROR, answers=[record], limit=limit)
