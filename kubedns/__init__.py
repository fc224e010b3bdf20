"""The cluster's DNS: watches Services and EndpointSlices and answers for the cluster domain.

From the rim inwards: `cli` and `options`, `app` (where the parts meet), `web`, `upstream` and
`k8s` (sockets and threads), `handler`, `lookup`, `treecache` (pure).
"""
