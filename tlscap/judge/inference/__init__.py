"""What encrypted records of a renegotiation hold, inferred from their content types, order and lengths.

`overhead` turns the length of a record into that of its content, `measure` takes the lengths of the
connection's first handshake, `lengths` says how long a message may be, `grammar` what may follow what,
`parse` weighs all readings of a connection's records against each other, and `endings` names what became
of each handshake. All of it runs for connections only that have a renegotiation, and is plain Python.
"""
