"""How soon a change in the cluster shows through the front, and how long the old data are given.

Real processes: devcluster, kubedns, dnsmasq_front, and a client that notes every answer.
"""
