"""The engine: packets to facts. It says what was on the wire and never what it means.

    frame ──> flow ──> connection ──> stream ──> record ──> handshake ──> facts
      │         (engine drives)        (two, one a direction)               │
      └─ udp ──> datagrams ──> dtls ────────────────────────────────────────┴──> blocks

`frame` peels links and tunnels down to a TCP segment or a datagram. `flow` finds its connection.
`stream` puts each direction's bytes in order, each byte once, and says where some are missing.
`record` finds TLS by content (`sniff`) and follows its records, of which `record_teller` says what they are;
after a gap it finds its feet again.
`handshake` puts messages together; `client_hello`, `server_hello` and `certificates` read them.
With a key log, `decryption` opens encrypted records; without, nothing of it is imported.
What happened, in order, is in `events`; what is known of a connection in `facts`.

The engine is sans-IO: it takes batches and gives blocks, and its only clock is the packets' own. The
modules with a `.pxd` beside them are compiled; the same files run uncompiled. Every byte is read
against the end of its packet, record or message, and everything that a peer can make grow has a
bound in `limits`.
"""
