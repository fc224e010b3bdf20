"""How kubedns bears a large cluster: memory, lists, relists, a stream of changes, their delay.

`design` makes the set, `api` serves it as lists and watches, `measure_*` take the figures.
"""
