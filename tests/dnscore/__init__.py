"""Tests of the shared lowest layer: flags, logs, loop, wire format, sockets."""
