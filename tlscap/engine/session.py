"""What both directions of a connection share while its TLS is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.facts import ROLES_HELLO, Facts
from tlscap.engine.held import Held
from tlscap.engine.limits import Limits

if TYPE_CHECKING:
    from tlscap.engine.opener import Opener


class Session:
    """A connection's TLS: who is the client, what was negotiated so far, where the facts go."""

    def __init__(self, facts: Facts, limits: Limits, certificates: CertificateStore, held: Held | None = None) -> None:
        self.limits = limits
        self.certificates = certificates  # of the whole run
        self.held = held or Held()  # likewise
        self.message_bytes = limits.message_bytes
        self.search_bytes = limits.search_bytes
        self.renew(facts)

    def renew(self, facts: Facts) -> None:
        """Forgets all: what follows is another connection's."""
        self.facts = facts
        self.found = False  # TLS was recognised in at least one direction
        self.sslv2 = False  # the server answered in SSL 2.0
        self.tls13 = False  # the ServerHello chose TLS 1.3 or a draft of it
        self.server_hello_seen = False
        self.client_hello_seen = False
        self.flipped = False  # direction 0 turned out to be the server's
        self.decryptor: Opener | None = None  # where there are keys

    def side_of(self, direction: int) -> int:
        """CLIENT or SERVER for stream direction 0 or 1."""
        return direction ^ 1 if self.flipped else direction

    def swap_roles(self) -> None:
        """Turns the roles around: a hello came from the side that was taken for the other."""
        facts = self.facts
        facts.client, facts.server = facts.server, facts.client
        facts.events.swap_sides()
        self.flipped = not self.flipped

    def settle_roles(self, direction: int, side: int) -> None:
        """Notes that a hello shows `direction` to be `side`; the first hello decides."""
        if self.client_hello_seen or self.server_hello_seen:
            return
        if self.side_of(direction) != side:
            self.swap_roles()
        self.facts.roles = ROLES_HELLO
