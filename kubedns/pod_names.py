"""Names that spell a pod's address: `10-244-1-9.shop.pod.<zone>`, IPv6 as `fd00--9`.

`insecure`: as with kube-dns, without a look at whether there is such a pod or such a namespace.
`verified`: only pods that run in that namespace, each with all of its addresses of the family
asked for, by whichever of them it is named. `disabled`: there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kubedns.endpoint_names import dashed_address, dashed_label
from kubedns.services import SEPARATOR

INSECURE, VERIFIED, DISABLED = "insecure", "verified", "disabled"
POD_NAMES = (INSECURE, VERIFIED, DISABLED)
"""What --pods chooses from."""


def pod_address(labels: Sequence[bytes]) -> bytes | None:
    """The packed address that `<address>.<namespace>.pod` spells; None for any other labels."""
    if len(labels) != 3 or labels[2] != b"pod":
        return None
    return dashed_address(labels[0])


def pod_key(namespace: bytes) -> bytes:
    """The tree key of a namespace's pods."""
    return b"pod" + SEPARATOR + namespace


def touched_by_pod(addresses: Iterable[bytes], parent: bytes) -> Iterator[bytes]:
    """The names at and below which answers differ when pods with these addresses changed.

    `parent` is the name of their namespace. An IPv4 address has one spelling, an IPv6 one many:
    for those it is the namespace's name.
    """
    if any(len(address) != 4 for address in addresses):
        yield parent
    for address in addresses:
        if len(address) == 4:
            label = dashed_label(address)
            yield bytes((len(label),)) + label + parent
