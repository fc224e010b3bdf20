"""What the status page needs to happen all the time, whether or not somebody looks at it."""

from __future__ import annotations

import time
from functools import partial

from sidecar.history import SAMPLE_S, History
from sidecar.options import Options
from sidecar.overview import Sources, take_sample
from sidecar.peer_documents import FrontDocument, KubednsDocument
from sidecar.peer_status import PERIOD_S, PeerStatus
from sidecar.state import State
from sidecar.ticker import Ticker


def status_sources(options: Options, state: State) -> Sources:
    """Where the page's figures come from, from now on."""
    kubedns, front = options.kubedns_status, options.dnsmasq_status
    return Sources(
        options,
        state,
        History(),
        kubedns=PeerStatus(kubedns, KubednsDocument) if kubedns is not None else None,
        front=PeerStatus(front, FrontDocument) if front is not None else None,
        started=time.monotonic(),
    )


def status_tickers(sources: Sources) -> list[Ticker]:
    """The threads that collect them, not started yet."""
    tickers = [Ticker("history", partial(take_sample, sources), interval_s=SAMPLE_S)]
    for name, peer in (("kubedns", sources.kubedns), ("dnsmasq", sources.front)):
        if peer is not None:
            tickers.append(Ticker(f"status-{name}", peer.ask, interval_s=PERIOD_S))
    return tickers
