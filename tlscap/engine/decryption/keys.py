"""The secrets that are known, by what the wire names them by; what is added later replaces what was there."""

from __future__ import annotations

MASTER = "CLIENT_RANDOM"
"""The label of a master secret up to TLS 1.2, which the ClientHello's random names (RFC 9850 §2.2)."""

PREMASTER = "PMS_CLIENT_RANDOM"
"""The label of a premaster secret that is named the same way; Wireshark's, not the RFC's."""

EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
HANDSHAKE = ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET")
TRAFFIC = ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")
"""Labels of TLS 1.3's secrets, of the client and of the server (RFC 9850 §2.1)."""

MAX_SESSIONS = 65_536
"""Sessions whose master secret is remembered for when they are resumed; peers open them without end."""


class Keys:
    """All secrets of a run. `generation` grows with each, so that who looked in vain knows when to look again."""

    def __init__(self) -> None:
        self.generation = 0
        self._secrets: dict[tuple[str, bytes], bytes] = {}
        self._premasters: dict[bytes, bytes] = {}
        self._sessions: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._secrets) + len(self._premasters) + len(self._sessions)

    def add(self, label: str, client_random: bytes, secret: bytes) -> None:
        """A secret of the connection whose ClientHello has this random."""
        self._secrets[label, client_random] = secret
        self.generation += 1

    def add_premaster(self, encrypted: bytes, premaster: bytes) -> None:
        """A premaster secret, by the first 8 bytes of its RSA encryption in the ClientKeyExchange."""
        self._premasters[encrypted] = premaster
        self.generation += 1

    def add_session(self, name: bytes, master: bytes) -> None:
        """The master secret of a session, by its id or by the digest of its ticket."""
        if len(self._sessions) >= MAX_SESSIONS and name not in self._sessions:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[name] = master
        self.generation += 1

    def secret(self, label: str, client_random: bytes) -> bytes | None:
        return self._secrets.get((label, client_random))

    def premaster(self, encrypted: bytes) -> bytes | None:
        return self._premasters.get(encrypted)

    def session(self, name: bytes) -> bytes | None:
        return self._sessions.get(name)
