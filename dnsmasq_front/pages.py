"""The front's HTTP pages, on an address of their own: status, and what is added to `routes`.

Nobody's DNS waits for them, nor ends for want of a port: they are served by threads, and what the
loop alone may touch is asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dnscore.ask_loop import ask_loop
from dnscore.httpd import HttpServer, Reply, Route, bind_http, json_reply
from dnscore.lifecycle import Parts, StartError
from dnscore.log import get_logger
from dnscore.loop import Loop
from dnscore.net.address import Address

FLAG = "--statusAddress"
_log = get_logger("front.pages")


def json_route(loop: Loop, document: Callable[[], Mapping[str, object]]) -> Route:
    """A page with what `document` gives in the loop's thread."""

    def page(_query: str) -> Reply:
        return json_reply(ask_loop(loop, document))

    return page


def serve_pages(address: Address, routes: Mapping[str, Route], parts: Parts) -> None:
    """Serve until the end; without the port there are no pages, and a line in the log."""
    try:
        sock = bind_http(address.port, host=address.host, flag=FLAG)
    except StartError as error:
        _log.error("no status page is served", reason=str(error))
        return
    server = HttpServer(sock, routes)
    server.start()
    parts.started(f"HTTP {server.port}", server.close)
    _log.info("status page", address=Address(address.host, server.port))
