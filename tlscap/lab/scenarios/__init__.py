"""The scenarios: each file has a tuple `SCENARIOS`."""
