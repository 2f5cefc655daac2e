"""Findings: judgement over many connections, one file a rule.

A rule is a function from a way to ask the tables (`sql`) to at most one `Finding`. It asks with as few
queries as it can, since every run pays for it, and says what it found in a sentence that can be put
into a postmortem as it is: how many, where, when in UTC, how sure. `run.py` lists the rules.
"""
