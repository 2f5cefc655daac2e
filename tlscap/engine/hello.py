"""ClientHello and ServerHello: what both sides of a connection say before anything is encrypted.

A parser is given exactly the body of one handshake message (in DTLS, put together from its fragments)
and never raises: what is there is read in the RFC's order, and the first thing that is wrong is said
in `malformed`.
"""

from __future__ import annotations

from tlscap.engine.client_hello import ClientHello, parse_client_hello, parse_client_hello_sslv2
from tlscap.engine.server_hello import ServerHello, parse_hello_retry_request, parse_server_hello

__all__ = [
    "ClientHello",
    "ServerHello",
    "parse_client_hello",
    "parse_client_hello_sslv2",
    "parse_hello_retry_request",
    "parse_server_hello",
]
