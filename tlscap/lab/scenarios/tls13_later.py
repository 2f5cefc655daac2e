"""What TLS 1.3 has in place of renegotiation, and how it turns clients away that have no certificate."""

from __future__ import annotations

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.gnutls import ONLY_13, GnutlsCli, GnutlsServ
from tlscap.lab.stacks.haproxy import ONLY_13 as HAPROXY_13
from tlscap.lab.stacks.haproxy import Frontend, HAProxy
from tlscap.lab.stacks.httpd import Httpd
from tlscap.lab.stacks.jsse import JsseServer
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.nss import AT_ONCE, LATER, TOOLS, Selfserv
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

SUITES = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256")
TURNED_AWAY = {"handshake_outcome": "failed", "outcome": "handshake_failed", "closed_by": "server", "dropped": False}


def key_update(lab: Lab) -> None:
    """By the client and by the server, asking the other to do the same or not, with data between."""
    keys = ("-tls1_3", "-keylogfile", str(lab.keylog))
    server, other = (SServer(lab, *keys, "-ciphersuites", ":".join(SUITES), port=port) for port in (4433, 4434))
    gnutls = GnutlsServ(lab, priority=ONLY_13)
    with lab.capturing():
        for suite in SUITES:
            client = SClient(lab, server.address, "-tls1_3", "-ciphersuites", suite).connected()
            server.talk(client)
            for command in ("k", "K"):
                client.update_keys(command)
                server.talk(client)
                server.update_keys(command)
                server.talk(client)
            client.close()
        visitor = SClient(lab, gnutls.address, "-tls1_3").connected()
        for words in ("hello", "hello again"):
            visitor.echo(words)
            visitor.update_keys("K")
        visitor.echo("last line")
        visitor.close()
        _rekey_by_gnutls(lab, other)


def post_handshake_auth(lab: Lab) -> None:
    """With a certificate of each kind of key, and without one, at every server that can ask."""
    people = (lab.authority.issue("alice"), lab.authority.issue("bob", use_rsa=True), None)
    keys = ("-CAfile", str(lab.authority.root), "-keylogfile", str(lab.keylog))
    server = SServer(lab, "-tls1_3", *keys)
    web, nss = Httpd(lab, port=8443, verify="optional"), Selfserv(lab, *LATER, "-E", port=8445, version="tls1.3")
    gnutls = GnutlsServ(lab, priority=ONLY_13)
    with lab.capturing():
        for person in people:
            client = _willing(lab, server.address, person)
            server.talk(client)
            server.authenticate(client)
            server.talk(client)
            client.close()
            client = _willing(lab, web.address, person)
            for path in ("/", "/private/", "/private/"):
                assert client.get(path) == 200, path
            client.close()
            client = _willing(lab, nss.address, person)
            assert client.get() == 200
            client.tell(dropped=False)
            asked = GnutlsCli(lab, gnutls.address, "--post-handshake-auth", priority=ONLY_13, certificate=person)
            asked.connected().say("hello")
            asked.authenticate()
            if person:
                asked.say("last line")
                asked.close()
            else:
                asked.tell(closed_by="server")  # who does not accept that


def certificate_required(lab: Lab) -> None:
    """The client believes that it is connected, since its part of the handshake is done; then comes the alert."""
    alice, ca = lab.authority.issue("alice"), ("-CAfile", str(lab.authority.root))
    server = SServer(lab, "-tls1_3", *ca, "-Verify", "3", "-verify_return_error", "-keylogfile", str(lab.keylog))
    web, httpd = Nginx(lab, mutual=True, insist=True), Httpd(lab, *INSIST, host="httpd")
    proxy = HAProxy(lab, [Frontend("lb", f"{HAPROXY_13} verify required", mutual=True)])
    java, nss = JsseServer(lab, version="TLSv1.3", need=True), Selfserv(lab, *AT_ONCE, port=8445, version="tls1.3")
    gnutls = GnutlsServ(lab, "--require-client-cert", priority=ONLY_13)
    with lab.capturing():
        for address in (server.address, httpd.address, proxy.address, java.address, gnutls.address, nss.address):
            SClient(lab, address, "-tls1_3").tell(**TURNED_AWAY)
        GnutlsCli(lab, server.address, priority=ONLY_13).tell(**TURNED_AWAY)
        _welcome(lab, web.address, None, 400)  # nginx takes it, and tells it by HTTP
        for address in (web.address, httpd.address, proxy.address):
            _welcome(lab, address, alice, 200)
        client = SClient(lab, server.address, "-tls1_3", certificate=alice).connected()
        server.talk(client)
        client.close()


INSIST = ("SSLVerifyClient require",)

SCENARIOS = (
    Scenario(
        "tls13-key-update",
        "Long sessions of TLS 1.3 whose ends change their keys: OpenSSL at both ends, alone and asking the other to do "
        "the same, by GCM, ChaCha20 and CCM; GnuTLS at either end.",
        key_update,
        needs=("openssl", "gnutls-serv", "gnutls-cli"),
        needs_namespaces=True,
        seconds=6,
    ),
    Scenario(
        "tls13-post-handshake-auth",
        "Servers that ask for a client certificate after the handshake (OpenSSL, Apache httpd, NSS, GnuTLS), and "
        "clients that send one or have none.",
        post_handshake_auth,
        needs=("openssl", "apache2", "gnutls-serv", "gnutls-cli", "selfserv", *TOOLS),
        needs_namespaces=True,
        seconds=8,
    ),
    Scenario(
        "tls13-certificate-required",
        "Servers that insist on a client certificate (OpenSSL, httpd, HAProxy, Java, GnuTLS, NSS) and clients without "
        "one, which believe for a moment that they are connected; nginx, which turns them away by HTTP.",
        certificate_required,
        needs=("openssl", "nginx", "apache2", "haproxy", "java", "gnutls-serv", "gnutls-cli", "selfserv", *TOOLS),
        needs_namespaces=True,
        seconds=10,
    ),
)


def _rekey_by_gnutls(lab: Lab, server: SServer) -> None:
    client = GnutlsCli(lab, server.address, priority=ONLY_13).connected()
    for words in ("hello", "hello again"):
        client.program.send(f"{words}\n")
        server.program.expect(f"^{words}")
        client.program.send("^rekey^\n")
        server.send(f"welcome, {words}\n")
        client.program.expect(f"^welcome, {words}")
    client.close()


def _willing(lab: Lab, server: Address, person: Identity | None) -> SClient:
    return SClient(lab, server, "-tls1_3", "-enable_pha", certificate=person).connected()


def _welcome(lab: Lab, server: Address, person: Identity | None, status: int) -> None:
    client = SClient(lab, server, "-tls1_3", certificate=person).connected()
    assert client.get() == status
    client.tell() if status == 400 else client.close()
