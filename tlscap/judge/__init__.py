"""The judge: what the facts of one connection mean.

Small functions over one connection's facts, in the order of a connection's life. `connection` asks all
questions, each of which is a file: `version`, `handshake` (full or abbreviated, completed or not),
`client_certificate`, `renegotiation`, `alerts`, `application_data` (was an answer owed), `tickets`,
`ledger` (the list of handshakes), `ending` (who, how, dropped or not), `history` (all of it as a word).
They share the event indices of `landmarks` and, in TLS 1.3, the `flights` told from record lengths; the
numbers that verdicts rest on are in `thresholds`. Connections that are alike in all that these functions may ask, their
`gist`, share a verdict: `precedents` looks it up and puts each one's instants and frames in. What needs other
connections (lineage) is the tables' work.
"""

from __future__ import annotations

from tlscap.judge.precedents import judge
from tlscap.judge.verdict import Verdict

__all__ = ["Verdict", "judge"]
