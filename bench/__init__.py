"""Measures our servers beside their rivals: CPU per query, latency, loss, memory.

Every figure is taken in paired runs on one machine, one server after another in the same round,
because machines drift; what counts is the ratio within a round and its median over the rounds.
"""
