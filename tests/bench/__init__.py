"""The benchmark: what it asks, how it reads dnsperf, what it makes of the figures."""
