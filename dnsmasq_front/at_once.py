"""What a question that is not cached gets without asking anybody, if anything. Pure."""

from __future__ import annotations

from dnscore.wire.const import ANY, EDE_NOT_READY, REFUSED
from dnsmasq_front.delivery import failure
from dnsmasq_front.local import LocalData
from dnsmasq_front.minimal_any import minimal_any
from dnsmasq_front.pending import Waiter
from dnsmasq_front.routes import Route


def answer_at_once(waiter: Waiter, route: Route | None, local: LocalData) -> bytes | None:
    """An answer of our own; None: the servers of the route, which is not None, are to be asked.

    It depends on nothing but the question, the route and the names in `local`.
    """
    asked, _, _, via = waiter
    response = local.answer(asked.query, route, stream=via.stream)
    if response is not None:
        return response
    if route is None:
        # Nobody to ask: dnsmasq answers REFUSED, with EDE 14 for those who read it.
        return failure(waiter, REFUSED, EDE_NOT_READY)
    if asked.query.qtype == ANY and not route.is_cluster:
        return minimal_any(asked.query, stream=via.stream)
    return None
