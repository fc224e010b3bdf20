"""What the daemons share: DNS wire format, sockets, flags, logs, life cycle.

The lowest layer: imports no daemon, knows nothing of Kubernetes and holds no policy.
A module belongs here when at least two daemons use it.
"""

VERSION = "0.1.0"
