"""Decryption with the secrets of a key log (RFC 9850): only imported where there are some.

    keys ──> schedule ──> protection ──> lane ──> decryptor <── record layer, handshake parser

`keys` holds the secrets by what the wire names them by; `suites` reads a cipher suite's name; `schedule`
derives keys; a `protection` opens single records; a lane (`lane12`, `lane13`) is one direction: which keys
are in force, and which sequence number comes next; the `decryptor` of a connection listens to its handshake
messages and opens its records. Handshake messages, alerts and ChangeCipherSpecs come out; application
data is, in TLS 1.3, decrypted to learn that it is data, and thrown away here.
"""
