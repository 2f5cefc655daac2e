"""What a connection is called before there are tables."""

from __future__ import annotations

from tlscap.capture.batch import FRAME_MASK
from tlscap.engine.facts import Facts
from tlscap.tables.community import community_digest
from tlscap.tables.uid import uid


def uid_of(facts: Facts) -> str:
    """The uid that the tables will have."""
    client, server = facts.client, facts.server
    digest = community_digest(client.ip, client.port, server.ip, server.port, facts.transport)
    return uid(digest, facts.start_ns, facts.first_frame & FRAME_MASK)
