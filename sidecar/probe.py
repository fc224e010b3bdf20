"""One round of a probe: a single exchange, judged by whether it brought records."""

from __future__ import annotations

import time
from collections.abc import Callable

import dns.rcode

from sidecar.exchange import ExchangeError, ask
from sidecar.health import ProbeResult
from sidecar.probe_spec import ProbeSpec


def run_probe(spec: ProbeSpec, *, clock: Callable[[], float] = time.monotonic) -> ProbeResult:
    """Ask once. OK if and only if an answer came and its answer section is not empty.

    The rcode alone does not decide, as in the stock sidecar; an error names it.
    """
    began = clock()
    error: str | None = None
    try:
        answer = ask(spec.server, spec.name, rdtype=spec.rdtype)
        if not answer.answer:
            rcode = dns.rcode.to_text(answer.rcode())
            error = f'no RRs for domain "{spec.name}" ({rcode})'
    except ExchangeError as failure:
        error = str(failure)
    finished = clock()
    return ProbeResult(finished, finished - began, error)
