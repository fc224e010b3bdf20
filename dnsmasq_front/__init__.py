"""dnsmasq_front: the caching forwarder that pods talk to.

Takes the arguments of dnsmasq-nanny and dnsmasq, sends each query to the servers of its domain,
and remembers the answers for as long as their TTLs allow.
"""
