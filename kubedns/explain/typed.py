"""From what there is at a name to what that means for the type asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dnscore.wire.const import AAAA, ANY, SRV, A
from dnscore.wire.types import type_text
from kubedns.content import Content
from kubedns.endpoint_names import address_text
from kubedns.explain.explanation import Finding, listed

_FAMILIES = {A: ("IPv4", 4), AAAA: ("IPv6", 16)}


def typed(found: Finding, content: Content, qtype: int, *, has: str = "") -> Finding:
    """The finding about an existing name, or why it has nothing of the type asked.

    `has` tells of records that are neither addresses nor SRV.
    """
    if qtype in _FAMILIES:
        family, size = _FAMILIES[qtype]
        if any(len(address) == size for address in content.addresses):
            return found
        if content.addresses:
            shown = shown_addresses(content.addresses)
            return replace(
                found,
                cause="wrong-family",
                sentence=f"{found.sentence} None of that is {family}, so there is no "
                f"{type_text(qtype)} record.",
                details={**found.details, "addresses": shown},
            )
    elif qtype == ANY or (qtype == SRV and content.targets is not None):
        return found
    if content.addresses:
        has = "addresses"
    elif content.targets is not None:
        has = "SRV records"
    if not has:
        sentence = f"{found.sentence} It has no records itself."
        return replace(found, cause="only-names-below", sentence=sentence)
    return replace(
        found,
        cause="wrong-type",
        sentence=f"{found.sentence} The name has {has}, and no {type_text(qtype)} record.",
    )


def shown_addresses(addresses: Sequence[bytes]) -> tuple[str, ...]:
    """Addresses as people write them, not too many."""
    return listed([address_text(address) for address in addresses])
