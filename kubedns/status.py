"""When the daemon is ready, and what it says of itself. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubedns.rows import ENDPOINT_SLICES, PODS, SERVICES

if TYPE_CHECKING:  # the module of WatchStatus brings the API client, which starts later
    from kubedns.k8s.runner import WatchStatus

WATCHED = (SERVICES, ENDPOINT_SLICES)
BEAT_LATE_S = 10.0
"""A loop that has not turned for this long hangs; a turn takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What readiness and the status page rest on, at one moment."""

    synced: bool
    """Every watched resource has been listed to the end once."""
    draining: bool
    """The daemon has been told to end."""
    beat_age_s: float
    """Since the DNS loop last turned."""
    watches: tuple[WatchStatus, ...]
    """Empty until the API client has been loaded."""
    now: float
    """On the clock of `WatchStatus.last_event_at`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a probe passes, and why not."""

    good: bool
    reason: str = ""


def readiness(facts: Facts) -> Verdict:
    """Ready from the first full lists until the end begins.

    An API server that goes away later changes nothing: the answers stay, and taking every
    replica out of the Service for it would end DNS in the cluster.
    """
    if facts.draining:
        return Verdict(False, "draining")
    if not facts.synced:
        missing = missing_resources(facts.watches)
        return Verdict(False, "waiting for the first lists of " + ", ".join(missing))
    return Verdict(True)


def liveness(facts: Facts) -> Verdict:
    """Alive while the DNS loop turns; the API server and the upstreams do not matter."""
    if facts.beat_age_s > BEAT_LATE_S:
        return Verdict(False, f"the DNS loop has not turned for {facts.beat_age_s:.0f} s")
    return Verdict(True)


def api_server_away(facts: Facts) -> bool:
    """Whether a watch has failed and waits for its next try: what it knows may be out of date."""
    return any(watch.phase.name == "WAITING" for watch in facts.watches)


def missing_resources(watches: Sequence[WatchStatus]) -> list[str]:
    """The resources that are waited for: they have never been listed to the end.

    Namespaces are not waited for, nor is what we are not allowed to read and can do without.
    """
    synced = {watch.feeds or watch.resource for watch in watches if watch.synced}
    verified = [w.resource for w in watches if w.resource == PODS and not is_refused(w)]
    return [resource for resource in (*WATCHED, *verified) if resource not in synced]


def is_refused(watch: WatchStatus) -> bool:
    """Whether we are not allowed to read it, and get on without."""
    return watch.phase.name == "REFUSED"


def verbose_lines(facts: Facts) -> list[str]:
    """One line for each thing that readiness rests on, `[+]` for good ones, and the verdict."""
    lines = [] if facts.watches else ["[-] API client: loading"]
    for watch in facts.watches:
        mark = "+" if watch.synced or is_refused(watch) else "-"
        lines.append(f"[{mark}] watch {watch.resource}: {watch_text(watch, now=facts.now)}")
    if facts.watches:
        away = api_server_away(facts)
        lines.append("[-] API server: away, trying on" if away else "[+] API server")
    lines.append("[-] draining" if facts.draining else "[+] not draining")
    verdict = readiness(facts)
    lines.append("ready" if verdict.good else f"not ready: {verdict.reason}")
    return lines


def watch_text(watch: WatchStatus, *, now: float) -> str:
    """State, size and age of one watch, and its last error while there is trouble."""
    heard = "never heard from the API server"
    if watch.last_event_at is not None:
        heard = f"last heard {now - watch.last_event_at:.1f} s ago"
    text = f"{watch.phase.value}, {watch.objects} objects, {heard}"
    if watch.bad_objects:
        text += f", {watch.bad_objects} bad objects"
    if watch.last_error and watch.phase.value != "watching":
        text += f", last error: {watch.last_error}"
    return text
