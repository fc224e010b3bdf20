"""Watching the Kubernetes API: list, watch, decode, and hand rows to the DNS core.

From the rim inwards: `runner` (a thread) drives `client` (HTTP) and `reflector` (what to ask
next, no I/O); `ndjson`, `model`, and `project`, `endpoints`, `namespaces`, `pods` and `config_maps`
turn bytes into rows; `errors` says who must act. `endpoints_source` chooses between EndpointSlices
and Endpoints, `nodes` looks labels up once.
"""
