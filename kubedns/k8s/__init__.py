"""Watching the Kubernetes API: list, watch, decode, and hand rows to the DNS core.

From the rim inwards: `runner` (a thread) drives `client` (HTTP) and `reflector` (what to ask
next, no I/O); `ndjson`, `model` and `project` turn bytes into rows; `errors` says who must act.
"""
