"""Findings: judgement over many connections, one file a rule.

A rule is a function from the tables to at most one `Finding`. It asks with as few queries as it can, and
only where a look at a few columns says that there is something to find, since every run pays for it. It
says what it found in a sentence that can be put into a postmortem as it is: how many, where, when in UTC,
how sure. `run.py` lists the rules.
"""
