"""What clients feel when servers fail: `python -m bench.faults`."""
