"""One name asked: the answer of the front, and what the front and kubedns say of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from sidecar.address import ServerAddress
from sidecar.exchange import ExchangeError, ask, is_stale
from sidecar.page_fetch import FetchError, fetch
from sidecar.page_url import PageUrl

Json = dict[str, Any]

ANSWER, NODATA = "ANSWER", "NODATA"
NO_ANSWER = "NO ANSWER"
"""No usable response of the front."""
FRONT_TIMEOUT_S = 6.0
"""The front itself gives up after 5 s, and then says so."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom to ask."""

    front: ServerAddress
    """DNS."""
    front_page: PageUrl | None
    """The front's /explain; None where it has no status page."""
    kubedns_page: PageUrl | None
    """kubedns's /explain."""


class Pages:
    """What both say of a question; a page that cannot be read is a problem, told once."""

    def __init__(self, sources: Sources, *, read: Callable[[PageUrl], str] = fetch) -> None:
        self._sources = sources
        self._read = read
        self.problems: list[str] = []

    def front(self, name: str, rdtype: str) -> Json | None:
        """The front's explanation."""
        return self._page("front", self._sources.front_page, name, rdtype)

    def kubedns(self, name: str, rdtype: str) -> Json | None:
        """kubedns's explanation."""
        return self._page("kubedns", self._sources.kubedns_page, name, rdtype)

    def _page(self, who: str, url: PageUrl | None, name: str, rdtype: str) -> Json | None:
        if url is None:
            return None
        query = urlencode({"name": name, "type": rdtype})
        try:
            said: Any = json.loads(self._read(PageUrl(url.server, f"{url.path}?{query}")))
        except (FetchError, ValueError) as error:
            reason = str(error).replace(f"?{query}", "")
            problem = f"{who} does not explain itself: {reason}"
            if problem not in self.problems:
                self.problems.append(problem)
            return None
        return said if isinstance(said, dict) else None


def ask_front(sources: Sources, name: str, rdtype: str) -> Json:
    """The front's answer: `outcome`, `answers` as zone text, `ttl_s`, `truncated`, `stale`."""
    try:
        message = ask(sources.front, name, rdtype=rdtype, edns=True, timeout_s=FRONT_TIMEOUT_S)
    except ExchangeError as error:
        return {"outcome": NO_ANSWER, "error": str(error), "answers": [], "ttl_s": None}
    return read_answer(message, rdtype)


def read_answer(message: dns.message.Message, rdtype: str) -> Json:
    """A response as `ask_front` gives it."""
    wanted = dns.rdatatype.from_text(rdtype)
    types = {rrset.rdtype for rrset in message.answer}
    outcome = dns.rcode.to_text(message.rcode())
    if message.rcode() == dns.rcode.NOERROR:
        found = bool(types) if wanted == dns.rdatatype.ANY else wanted in types
        outcome = ANSWER if found else NODATA
    return {
        "outcome": outcome,
        "answers": [
            f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}"
            for rrset in message.answer
            for rdata in rrset
        ],
        "ttl_s": min((rrset.ttl for rrset in message.answer), default=None),
        "truncated": bool(message.flags & dns.flags.TC),
        "stale": is_stale(message),
        "errors": [f"{int(error.code)} {error.code.name}" for error in message.extended_errors()],
    }
