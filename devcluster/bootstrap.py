"""What every cluster has from its first moment: base namespaces, the API server's own Service.

Pure but for the clock and the random numbers of `real_origin`.
"""

from __future__ import annotations

import random
import time
import uuid

from devcluster.backend import KEPT_NAMESPACES, Backend
from devcluster.metadata import Origin
from devcluster.resources import ENDPOINTS, ENDPOINTSLICES, NAMESPACES, SERVICES

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def real_origin() -> Origin:
    """Timestamps of the wall clock, random uids and name suffixes."""
    letters = random.Random()
    return Origin(
        timestamp=lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        uid=lambda: str(uuid.uuid4()),
        suffix=lambda: "".join(letters.choices(_SUFFIX_LETTERS, k=5)),
    )


def fresh_version(now_s: float) -> int:
    """A resourceVersion to start from: the microseconds since 1970.

    No server can write once a microsecond, so this is later than every version that an earlier one
    with an earlier start gave: whoever watches on from such a version hears "too old" and lists
    again, instead of waiting for ever at a version that is yet to come.
    """
    return int(now_s * 1_000_000)


def bootstrap(backend: Backend, *, api_address: str, api_port: int) -> None:
    """Create the namespaces and default/kubernetes, which leads to the API server itself."""
    for name in KEPT_NAMESPACES:
        backend.create(NAMESPACES, {"metadata": {"name": name}})
    labels = {"component": "apiserver", "provider": "kubernetes"}
    port = {"name": "https", "protocol": "TCP", "port": 443, "targetPort": api_port}
    backend.create(
        SERVICES,
        {
            "metadata": {"name": "kubernetes", "labels": labels},
            "spec": {"clusterIP": "10.96.0.1", "ports": [port]},
        },
        namespace="default",
    )
    backend.create(
        ENDPOINTSLICES,
        {
            "metadata": {
                "name": "kubernetes",
                "labels": {"kubernetes.io/service-name": "kubernetes"},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": [api_address], "conditions": {"ready": True}}],
            "ports": [{"name": "https", "protocol": "TCP", "port": api_port}],
        },
        namespace="default",
    )
    backend.create(
        ENDPOINTS,
        {
            "metadata": {"name": "kubernetes"},
            "subsets": [
                {
                    "addresses": [{"ip": api_address}],
                    "ports": [{"name": "https", "port": api_port, "protocol": "TCP"}],
                }
            ],
        },
        namespace="default",
    )
