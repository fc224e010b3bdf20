"""Names that spell a pod's address: `10-244-1-9.shop.pod.<zone>`, IPv6 as `fd00--9`.

As kube-dns does, without a look at whether there is such a pod or such a namespace.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubedns.endpoint_names import dashed_address


def pod_address(labels: Sequence[bytes]) -> bytes | None:
    """The packed address that `<address>.<namespace>.pod` spells; None for any other labels."""
    if len(labels) != 3 or labels[2] != b"pod":
        return None
    return dashed_address(labels[0])
