"""One round of a probe: a question, judged by whether it brought records that are not stale.

One lost datagram says little of a server, so a question that gets no answer is asked again within
the round. So is one whose answer a cache calls stale: it is asking its servers meanwhile, and if
they live the next answer is fresh. If it is not, the cache lives and the servers do not: then the
round has failed, and says both.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import dns.message
import dns.rcode

from sidecar.exchange import ExchangeError, NoAnswer, ask, is_stale
from sidecar.health import ProbeResult
from sidecar.probe_spec import ProbeSpec

STALE_PAUSE_S = 0.3
"""Before a question with a stale answer is asked again."""


def run_probe(
    spec: ProbeSpec,
    *,
    retries: int = 0,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
) -> ProbeResult:
    """Ask, and up to `retries` times more. OK if and only if fresh records came.

    The rcode alone does not decide, as in the stock sidecar; an error names it.
    """
    began = clock()
    tries, answered, stale, error = 0, False, False, None
    while tries <= retries:
        if stale:
            pause(STALE_PAUSE_S)
        tries += 1
        try:
            answer = ask(spec.server, spec.name, rdtype=spec.rdtype, edns=True)
        except NoAnswer as failure:
            answered, stale, error = False, False, str(failure)
            continue
        except ExchangeError as failure:
            answered, stale, error = False, False, str(failure)
            break
        answered, stale, error = True, is_stale(answer), _fault(spec, answer)
        if not stale:
            break
    finished = clock()
    return ProbeResult(
        finished, finished - began, error, answered=answered, stale=stale, tries=tries
    )


def _fault(spec: ProbeSpec, answer: dns.message.Message) -> str | None:
    """What is wrong with an answer."""
    if is_stale(answer):
        return f'stale answer for domain "{spec.name}": what {spec.server} asks does not answer'
    if not answer.answer:
        return f'no RRs for domain "{spec.name}" ({dns.rcode.to_text(answer.rcode())})'
    return None
