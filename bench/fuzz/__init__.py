"""Hostile input by the million, seeded: what no query and no API response may do is end a process,
leave a well-formed query without an answer, or make memory grow. See `__main__`.
"""
