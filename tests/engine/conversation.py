"""TLS conversations between two ends of Python's ssl module, in memory: who sends which bytes.

Certificates are made once a test run. Each named conversation is made once and handed out as steps.
"""

from __future__ import annotations

import datetime
import ssl
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLIENT, SERVER = 0, 1
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
HOST = "server.example"

REQUEST = b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + b"x" * 4000

Steps = tuple[tuple[int, bytes], ...]


class Conversation:
    """Two ends that talk to each other; `steps` is what went over the wire so far."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext, session: ssl.SSLSession | None = None) -> None:
        self.steps: list[tuple[int, bytes]] = []
        self._in = (ssl.MemoryBIO(), ssl.MemoryBIO())
        self._out = (ssl.MemoryBIO(), ssl.MemoryBIO())
        self.ends = (
            client.wrap_bio(self._in[0], self._out[0], server_hostname=HOST, session=session),
            server.wrap_bio(self._in[1], self._out[1], server_side=True),
        )
        self.error = ["", ""]  # what the library of each end says went wrong

    def handshake(self) -> Conversation:
        """Goes on until neither end has anything to send; an end may fail."""
        for _ in range(8):
            for side in (CLIENT, SERVER):
                self._try(side)
                self._carry(side)
        return self

    def say(self, side: int, data: bytes) -> Conversation:
        """Application data; the other end reads all that has come."""
        self.ends[side].write(data)
        self._carry(side)
        self._read(1 - side)
        return self

    def exchange(self) -> Conversation:
        return self.say(CLIENT, REQUEST).say(SERVER, RESPONSE)

    def goodbye(self, side: int) -> Conversation:
        """A close_notify."""
        try:
            self.ends[side].unwrap()
        except ssl.SSLError:
            pass  # the other end's has not come yet
        self._carry(side)
        return self

    @property
    def session(self) -> ssl.SSLSession | None:
        return self.ends[CLIENT].session

    def _try(self, side: int) -> None:
        if self.error[side]:
            return
        try:
            self.ends[side].do_handshake()
            self._read(side)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.error[side] = str(error.reason)

    def _read(self, side: int) -> None:
        try:
            while self.ends[side].read(65536):
                pass
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.error[side] = str(error.reason)

    def _carry(self, side: int) -> None:
        data = self._out[side].read()
        if data:
            self.steps.append((side, data))
            self._in[1 - side].write(data)


def client_context(version: ssl.TLSVersion, *, certificate: bool = False, trusting: bool = True) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    if trusting:
        context.load_verify_locations(_files() / "root.pem")
    if certificate:
        context.load_cert_chain(_files() / "client.pem")
    return context


def server_context(
    version: ssl.TLSVersion, *, ask: ssl.VerifyMode = ssl.CERT_NONE, tickets: bool = True, curve: str = ""
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(_files() / "server.pem")
    context.load_verify_locations(_files() / "root.pem")
    context.verify_mode = ask
    if not tickets:
        context.options |= ssl.OP_NO_TICKET
        if version == TLS13:
            context.num_tickets = 0
    if curve:
        context.set_ecdh_curve(curve)
    return context


@dataclass(frozen=True, slots=True)
class Parts:
    """A conversation in pieces, of which a test makes its own; `goodbye` holds both sides' close_notify."""

    handshake: Steps
    request: bytes
    response: bytes
    goodbye: tuple[bytes, bytes]


@cache
def parts(version: ssl.TLSVersion) -> Parts:
    talk = Conversation(client_context(version), server_context(version)).handshake()
    handshake = tuple(talk.steps)
    talk.exchange()
    (_, request), (_, response) = talk.steps[len(handshake) :]
    talk.goodbye(CLIENT).goodbye(SERVER)
    return Parts(handshake, request, response, (talk.steps[-2][1], talk.steps[-1][1]))


@cache
def tls12() -> Steps:
    """A full handshake, a request, a response, the client's close_notify."""
    talk = Conversation(client_context(TLS12), server_context(TLS12)).handshake().exchange()
    return tuple(talk.goodbye(CLIENT).steps)


@cache
def tls12_resumed(tickets: bool) -> Steps:
    """The same with an abbreviated handshake, by ticket or by session id."""
    client, server = client_context(TLS12), server_context(TLS12, tickets=tickets)
    if not tickets:
        client.options |= ssl.OP_NO_TICKET
    first = Conversation(client, server).handshake().exchange()
    second = Conversation(client, server, first.session).handshake().exchange()
    assert second.ends[CLIENT].session_reused
    return tuple(second.goodbye(CLIENT).steps)


@cache
def tls12_mutual(certificate: bool) -> Steps:
    """A full handshake in which the server asks for a certificate, which the client sends or has not."""
    client, server = client_context(TLS12, certificate=certificate), server_context(TLS12, ask=ssl.CERT_OPTIONAL)
    return tuple(Conversation(client, server).handshake().exchange().goodbye(CLIENT).steps)


@cache
def tls13(tickets: bool = True) -> Steps:
    talk = Conversation(client_context(TLS13), server_context(TLS13, tickets=tickets)).handshake().exchange()
    return tuple(talk.goodbye(CLIENT).steps)


@cache
def tls13_resumed() -> Steps:
    client, server = client_context(TLS13), server_context(TLS13)
    first = Conversation(client, server).handshake().exchange()
    second = Conversation(client, server, first.session).handshake().exchange()
    assert second.ends[CLIENT].session_reused
    return tuple(second.goodbye(CLIENT).steps)


@cache
def tls13_mutual(certificate: bool) -> Steps:
    client, server = client_context(TLS13, certificate=certificate), server_context(TLS13, ask=ssl.CERT_OPTIONAL)
    return tuple(Conversation(client, server).handshake().exchange().goodbye(CLIENT).steps)


@cache
def tls13_certificate_required() -> Steps:
    """The client has no certificate, the server will not do without: it says so after the client's Finished."""
    talk = Conversation(client_context(TLS13), server_context(TLS13, ask=ssl.CERT_REQUIRED)).handshake()
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in talk.error[SERVER]
    return tuple(talk.steps)


@cache
def tls13_hello_retry() -> Steps:
    """The server wants a group for which the client sent no key share."""
    server = server_context(TLS13, curve="secp384r1")
    return tuple(Conversation(client_context(TLS13), server).handshake().exchange().goodbye(CLIENT).steps)


@cache
def distrusted(version: ssl.TLSVersion) -> Steps:
    """The client does not know the server's authority and says so with an alert."""
    talk = Conversation(client_context(version, trusting=False), server_context(version)).handshake()
    assert talk.error[CLIENT]
    return tuple(talk.steps)


@cache
def no_common_version() -> Steps:
    talk = Conversation(client_context(TLS12), server_context(TLS13)).handshake()
    assert talk.error[SERVER]
    return tuple(talk.steps)


@cache
def _files() -> Path:
    """A folder with root.pem, server.pem and client.pem; the latter two hold the key too."""
    folder = Path(_folder().name)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Test root", root_key, "Test root", root_key)
    (folder / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    for name in (HOST, "client.example"):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _certificate(name, key, "Test root", root_key)
        pem = leaf.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name.partition('.')[0]}.pem").write_bytes(pem)
    return folder


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="tlscap-tests-")


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder(_name(issuer), _name(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
