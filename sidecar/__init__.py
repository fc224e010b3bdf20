"""The sidecar: probes the pod's DNS servers and tells kubelet and Prometheus what it saw.

Inside: specs and rules that are pure (`probe_spec`, `schedule`, `health`, `stats`, `histogram`),
a thin rim of threads and sockets (`exchange`, `ticker`, `http_server`, `app`), and `state`
between the two.
"""
