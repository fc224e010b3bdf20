"""Cluster DNS on one machine: four processes, started in order and stopped together.

`plan` says what runs (pure data), `announce` says it in words, `supervisor` runs it.
This is what `make run` starts; it needs Linux, no root and no cluster.
"""
