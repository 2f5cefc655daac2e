"""One finished connection to one row of numbers: facts and verdict to the columns of `connections`.

Every attribute of `ConnectionRows` is the column of that name, or one of those in `INGREDIENTS`, of
which `finish.py` makes columns when the whole run is known. What many rows say alike is in `form_rows.py`.
"""

from __future__ import annotations

from tlscap.engine.client_hello import ClientHello
from tlscap.engine.events import Events
from tlscap.engine.facts import Facts, Side
from tlscap.engine.profile import ClientProfile
from tlscap.engine.server_hello import ServerHello
from tlscap.judge.verdict import Verdict
from tlscap.tables.cells import Cells, Flags, Ints, Longs, Names, Reals, Rows
from tlscap.tables.column import Column
from tlscap.tables.connections import CONNECTIONS
from tlscap.tables.form_rows import PROFILE_COLUMNS, VERDICT_COLUMNS, ProfileForms, VerdictForms
from tlscap.tables.session_key import session_key

INGREDIENTS: dict[str, type[Cells]] = {
    "verdict": Ints,  # the row of its form
    "profile": Ints,
    "client_leaf": Names,  # SHA-256 of the client's certificate
    "server_leaf": Names,
    "evidence_count": Ints,  # frames of `evidence` that are this row's
    "evidence_frame": Longs,
    "candidate_count": Ints,  # records that may hold a TLS 1.3 ticket,
    "candidate_at": Longs,
    "candidate_length": Ints,
    "ticket_count": Ints,  # tickets that were decrypted,
    "ticket_at": Longs,
    "ticket_key": Longs,
    "identity_count": Ints,  # PSK identities in the ClientHello,
    "identity_key": Longs,  # 0 for one that is no ticket
    "identity_length": Ints,
    "identity_binder": Ints,
    "identity_selected": Ints,  # the number of the one that the server selected, -1 for none
}

LISTS = {
    "evidence_count": ["evidence_frame"],
    "candidate_count": ["candidate_at", "candidate_length"],
    "ticket_count": ["ticket_at", "ticket_key"],
    "identity_count": ["identity_key", "identity_length", "identity_binder"],
}
"""From columns that count to what they count."""

FINISHED = {
    "uid", "community_id", "capture", "resumed_from", "resumed_from_confidence", "offered_from", "client_subject",
    "server_subject", "server_issuer", "server_not_after", "server_certificate_sha256", "evidence",
}  # fmt: skip
"""Columns that `finish.py` makes."""

ELSEWHERE = FINISHED | {*VERDICT_COLUMNS, *PROFILE_COLUMNS}
"""Columns that are not kept here: those, and what `verdict` and `profile` name."""

MAX_REMEMBERED_ANSWERS = 1024
"""Server profiles whose JA3S is remembered; a peer can make up new ones without end."""

_MAX_REMEMBERED_ANSWERS = MAX_REMEMBERED_ANSWERS
_NS = 1_000_000_000
_TLS_1_3 = 0x0304
_DTLS_1_3 = 0xFEFC
_CELLS: dict[str, type[Cells]] = {
    "name": Names,
    "names": Names,
    "reasons": Names,
    "bool": Flags,
    "int32": Ints,
    "float64": Reals,
}


def cells_of(column: Column, rows: Rows) -> Cells:
    """An empty column of the right kind: durations are whole nanoseconds until the run is over."""
    kind = Longs if column.unit == "s" else _CELLS.get(column.type, Longs)
    return kind(rows)


class ConnectionRows:
    """The table `connections` while it grows; `count` rows so far."""

    bytes_c2s: Longs
    bytes_s2c: Longs
    client_leaf: Names
    client_ip: Names
    client_port: Ints
    alpn: Names
    candidate_at: Longs
    candidate_count: Ints
    candidate_length: Ints
    cipher: Names
    client_version: Names
    ech: Names
    encrypt_then_mac: Flags
    end: Longs
    established_at: Longs
    evidence_count: Ints
    evidence_frame: Longs
    extended_master_secret: Flags
    first_frame: Longs
    group: Names
    handshake_s: Longs
    hello_at: Longs
    identity_binder: Ints
    identity_count: Ints
    identity_key: Longs
    identity_length: Ints
    identity_selected: Ints
    idle_before_close_s: Longs
    ja3s: Names
    last_data_at: Longs
    last_frame: Longs
    missing_bytes_c2s: Longs
    missing_bytes_s2c: Longs
    npn: Flags
    out_of_order_c2s: Longs
    out_of_order_s2c: Longs
    packets_c2s: Longs
    packets_s2c: Longs
    preamble: Names
    profile: Ints
    proxied_client_ip: Names
    proxied_client_port: Ints
    records_c2s: Longs
    records_s2c: Longs
    retransmitted_c2s: Longs
    retransmitted_s2c: Longs
    server_ip: Names
    server_leaf: Names
    server_port: Ints
    session_id_issued: Longs
    session_id_offered: Longs
    sni: Names
    start: Longs
    tcp_rtt_s: Longs
    ticket_at: Longs
    ticket_count: Ints
    ticket_issued: Longs
    ticket_key: Longs
    ticket_lifetime_s: Longs
    ticket_offered: Longs
    transport: Names
    tunnel: Names
    verdict: Ints

    def __init__(self, verdicts: VerdictForms, profiles: ProfileForms) -> None:
        self.count = 0
        self._verdicts = verdicts
        self._profiles = profiles
        self._answers: dict[object, int] = {}  # codes of JA3S, by server profile
        self._rows, self._evidence, self._candidates, self._tickets, self._identities = (Rows() for _ in range(5))
        inner = {name: rows for count, rows in self._counted().items() for name in LISTS[count]}
        for column in CONNECTIONS.columns:
            if column.name not in ELSEWHERE:
                setattr(self, column.name, cells_of(column, self._rows))
        for name, kind in INGREDIENTS.items():
            setattr(self, name, kind(inner.get(name, self._rows)))

    def _counted(self) -> dict[str, Rows]:
        """What each column of `LISTS` counts the rows of."""
        return {
            "evidence_count": self._evidence,
            "candidate_count": self._candidates,
            "ticket_count": self._tickets,
            "identity_count": self._identities,
        }

    def add(self, facts: Facts, verdict: Verdict) -> None:
        """Adds one row."""
        at = self._rows.next()
        self._add_who(at, facts)
        if facts.client_hello is None:
            self._add_no_client_hello(at)
        else:
            first = facts.first_profile
            self._add_client_hello(at, facts.client_hello, facts.client_hello.profile if first is None else first)
        self._add_server_hello(at, facts.client_hello, _answer(facts))
        self._add_negotiated(at, facts)
        self.verdict.cells[at] = self._verdicts.row_of(verdict, facts.client_hello is not None)
        self.client_leaf.put(at, _leaf(facts.client.certificates))
        self.server_leaf.put(at, _leaf(facts.server.certificates))
        self._add_session_keys(at, facts)
        self._add_identities(at, facts.client_hello, facts.server_hello)
        self._add_candidates(at, facts.events, verdict)
        self._add_tickets(at, facts)
        self._add_times(at, facts, verdict)
        self._add_volume(at, facts.client, facts.server)
        self._add_evidence(at, verdict)
        self.count += 1

    def _add_who(self, at: int, facts: Facts) -> None:
        client, server = facts.client, facts.server
        self.first_frame.cells[at] = facts.first_frame
        self.last_frame.cells[at] = facts.last_frame
        self.start.cells[at] = facts.start_ns
        self.end.cells[at] = facts.end_ns
        self.client_ip.put(at, client.ip)
        self.client_port.cells[at] = client.port
        self.server_ip.put(at, server.ip)
        self.server_port.cells[at] = server.port
        self.proxied_client_ip.put(at, facts.proxied_client_ip or None)
        self.proxied_client_port.cells[at] = facts.proxied_client_port if facts.proxied_client_ip else -1
        self.transport.put_number(at, facts.transport)
        self.tunnel.put(at, facts.tunnel)
        self.preamble.put(at, facts.preamble or None)

    def _add_no_client_hello(self, at: int) -> None:
        for absent in (self.client_version, self.sni, self.ech):
            absent.put(at, None)
        self.profile.cells[at] = 0

    def _add_client_hello(self, at: int, hello: ClientHello, profile: ClientProfile) -> None:
        """`profile` is that of the first hello: what another holds, the server has had a say in."""
        self.client_version.put_number(at, hello.client_version)
        self.sni.put(at, hello.sni)
        self.ech.put(at, "esni" if hello.esni else hello.ech or None)
        self.profile.cells[at] = self._profiles.row_of(profile)

    def _add_server_hello(self, at: int, client: ClientHello | None, server: ServerHello | None) -> None:
        if server is None:
            self._add_no_server_hello(at)
            return
        ja3s = self._ja3s_code(server)
        self.ja3s.cells[at] = ja3s
        self.alpn.put(at, server.alpn)
        self.cipher.put_number(at, -1 if server.cipher == 0 and ja3s < 0 else server.cipher)
        if client is None or server.version == _TLS_1_3 or server.version == _DTLS_1_3:
            self.extended_master_secret.cells[at] = -1  # TLS 1.3 always does what these are for (RFC 8446 §D)
            self.encrypt_then_mac.cells[at] = -1
            self.npn.cells[at] = -1
        else:
            offered = client.profile
            self.extended_master_secret.cells[at] = server.extended_master_secret and offered.extended_master_secret
            self.encrypt_then_mac.cells[at] = server.encrypt_then_mac and offered.encrypt_then_mac
            self.npn.cells[at] = server.npn and offered.npn

    def _add_no_server_hello(self, at: int) -> None:
        for absent in (self.cipher, self.alpn, self.ja3s):
            absent.put(at, None)
        for untold in (self.extended_master_secret, self.encrypt_then_mac, self.npn):
            untold.put(at, None)

    def _ja3s_code(self, server: ServerHello) -> int:
        code = self._answers.get(server.profile)
        if code is None:
            if len(self._answers) >= _MAX_REMEMBERED_ANSWERS:
                self._answers.clear()
            code = self._answers[server.profile] = self.ja3s.code(server.ja3s) if server.ja3s else -1
        return code

    def _add_negotiated(self, at: int, facts: Facts) -> None:
        answer = facts.server_hello
        group = 0 if answer is None else answer.key_share_group
        if group == 0:
            group = facts.key_exchange_group
        self.group.put_number(at, group if group else -1)
        self.ticket_lifetime_s.cells[at] = facts.ticket_lifetime_s * _NS if facts.ticket_lifetime_s >= 0 else -1

    def _add_session_keys(self, at: int, facts: Facts) -> None:
        """Of TLS 1.3 only what the client offers: there the server's session id is the client's, sent back."""
        client, server = facts.client_hello, _answer(facts)
        offered = ticket = b""
        if client is not None:
            offered, ticket = client.session_id, client.ticket_key
            if client.psk_identities:
                ticket = client.psk_identities[0][2]
        old = server is not None and server.version != _TLS_1_3 and server.version != _DTLS_1_3
        self.session_id_issued.cells[at] = session_key(server.session_id) if old and server is not None else 0
        self.session_id_offered.cells[at] = session_key(offered) if old or server is None else 0
        self.ticket_issued.cells[at] = session_key(facts.ticket_issued)
        self.ticket_offered.cells[at] = session_key(ticket)

    def _add_identities(self, at: int, client: ClientHello | None, server: ServerHello | None) -> None:
        """A ticket has an age; an identity that was established externally has 0 (RFC 8446 §4.2.11)."""
        self.identity_selected.cells[at] = -1 if server is None else server.selected_psk
        self.identity_count.cells[at] = 0 if client is None else len(client.psk_identities)
        if client is None:
            return
        binders = client.psk_binders
        for number, (length, age, digest) in enumerate(client.psk_identities):
            place = self._identities.next()
            self.identity_key.cells[place] = session_key(digest) if age else 0
            self.identity_length.cells[place] = length
            self.identity_binder.cells[place] = binders[number] if number < len(binders) else 0

    def _add_candidates(self, at: int, events: Events, verdict: Verdict) -> None:
        self.candidate_count.cells[at] = len(verdict.ticket_candidates)
        for i in verdict.ticket_candidates:
            place = self._candidates.next()
            self.candidate_at.cells[place] = events.ns(i)
            self.candidate_length.cells[place] = events.length(i)

    def _add_tickets(self, at: int, facts: Facts) -> None:
        self.ticket_count.cells[at] = len(facts.tickets)
        for issued_ns, _, _, digest in facts.tickets:
            place = self._tickets.next()
            self.ticket_at.cells[place] = issued_ns
            self.ticket_key.cells[place] = session_key(digest)

    def _add_times(self, at: int, facts: Facts, verdict: Verdict) -> None:
        self.tcp_rtt_s.cells[at] = facts.rtt_ns
        self.hello_at.cells[at] = facts.hello_ns
        self.established_at.cells[at] = verdict.established_ns
        self.handshake_s.cells[at] = verdict.handshake_ns
        self.last_data_at.cells[at] = verdict.last_data_ns
        self.idle_before_close_s.cells[at] = verdict.idle_before_close_ns

    def _add_volume(self, at: int, client: Side, server: Side) -> None:
        self.packets_c2s.cells[at] = client.packets
        self.packets_s2c.cells[at] = server.packets
        self.bytes_c2s.cells[at] = client.bytes
        self.bytes_s2c.cells[at] = server.bytes
        self.records_c2s.cells[at] = client.records
        self.records_s2c.cells[at] = server.records
        self.retransmitted_c2s.cells[at] = client.retransmitted
        self.retransmitted_s2c.cells[at] = server.retransmitted
        self.out_of_order_c2s.cells[at] = client.out_of_order
        self.out_of_order_s2c.cells[at] = server.out_of_order
        self.missing_bytes_c2s.cells[at] = client.missing_bytes
        self.missing_bytes_s2c.cells[at] = server.missing_bytes

    def _add_evidence(self, at: int, verdict: Verdict) -> None:
        self.evidence_count.cells[at] = len(verdict.evidence)
        for frame in verdict.evidence:
            place = self._evidence.next()
            self.evidence_frame.cells[place] = frame


def _answer(facts: Facts) -> ServerHello | None:
    return facts.server_hello if facts.server_hello is not None else facts.hello_retry


def _leaf(chain: tuple[bytes, ...] | None) -> bytes | None:
    return chain[0] if chain else None
