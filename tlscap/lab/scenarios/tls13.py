"""How TLS 1.3 sessions begin: in full, by a pre-shared key, with early data, after a retry."""

from __future__ import annotations

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.gnutls import ONLY_13, GnutlsCli, GnutlsServ
from tlscap.lab.stacks.haproxy import ONLY_13 as HAPROXY_13
from tlscap.lab.stacks.haproxy import Frontend, HAProxy
from tlscap.lab.stacks.httpd import Httpd
from tlscap.lab.stacks.jsse import JsseClient, JsseServer
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.nss import TOOLS, Selfserv, Tstclnt
from tlscap.lab.stacks.s_client import ANSWER, SClient
from tlscap.lab.stacks.s_server import SServer

SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256")
REQUEST = "GET / HTTP/1.1\r\nHost: app.example\r\n\r\n"


def full(lab: Lab) -> None:
    """Every server with OpenSSL's client, every client with OpenSSL's server; with certificates, and without."""
    keys = ("-tls1_3", "-keylogfile", str(lab.keylog))
    plain = SServer(lab, *keys, "-ciphersuites", ":".join(SUITES), port=4433)
    mutual = SServer(lab, *keys, "-CAfile", str(lab.authority.root), "-verify", "3", port=4434)
    web, httpd, proxy = Nginx(lab), Httpd(lab, host="httpd"), HAProxy(lab, [Frontend("lb", HAPROXY_13, mutual=True)])
    java, gnutls = JsseServer(lab, version="TLSv1.3", want=True), GnutlsServ(lab, priority=ONLY_13)
    nss = Selfserv(lab, port=8445, version="tls1.3")
    people = (lab.authority.issue("alice"), lab.authority.issue("bob", use_rsa=True), None)
    with lab.capturing():
        for suite in SUITES:
            _talk(lab, plain, "-ciphersuites", suite)
        for person in people:
            _talk(lab, mutual, certificate=person)
            _get(lab, proxy.address, certificate=person)
            _echo(lab, java.address, certificate=person)
        for server in (web.address, httpd.address):
            _get(lab, server)
        _echo(lab, gnutls.address)
        SClient(lab, nss.address, "-tls1_3").connected().get()
        lab.truth.clients_of(nss.address)
        _gnutls(lab, plain)
        _gnutls(lab, mutual, certificate=people[0])
        _java(lab, plain)
        _java(lab, mutual, certificate=people[0])
        _nss(lab, plain)


def psk(lab: Lab) -> None:
    """A first visit, one that resumes it and one that resumes that one; and keys that both ends had before."""
    talking = SServer(lab, "-tls1_3", port=4433)
    external = SServer(lab, "-tls1_3", "-psk", "1a2b3c", "-nocert", port=4436)
    web, httpd, proxy = Nginx(lab), Httpd(lab, host="httpd"), HAProxy(lab, [Frontend("lb", HAPROXY_13)])
    java, gnutls = JsseServer(lab, version="TLSv1.3"), GnutlsServ(lab, priority=ONLY_13)
    with lab.capturing():
        client = None
        for _ in range(3):
            client = _talk(lab, talking, resumes=client)
        for server in (web.address, httpd.address, proxy.address):
            client = None
            for _ in range(3):
                client = _get(lab, server, resumes=client)
        for echoing in (java.address, gnutls.address):
            client = None
            for _ in range(3):
                client = _echo(lab, echoing, resumes=client)
        # OpenSSL counts an external PSK as a resumed session; by tlscap's words nothing is resumed.
        client = _talk(lab, external, "-psk", "1a2b3c")
        client.tell_so_far(external_psk=True, handshake="full", resumption=None, client_certificate="not_requested")


def early_data(lab: Lab) -> None:
    """With a fresh ticket it is accepted; with one that was used before, or after a retry, it is not."""
    server = SServer(lab, "-tls1_3", "-early_data", port=4434)
    narrow = SServer(lab, "-tls1_3", "-early_data", "-groups", "P-256", port=4435)
    web, gnutls = Nginx(lab, options="ssl_early_data on;"), GnutlsServ(lab, "--earlydata", "-a", priority=ONLY_13)
    hello, request = lab.files / "hello.txt", lab.files / "request.txt"
    hello.write_text("hello early\n")
    request.write_text(REQUEST)
    with lab.capturing():
        first = _talk(lab, server)
        for said in ("accepted", "rejected"):  # it has been used before
            client = _talk(lab, server, "-early_data", str(hello), resumes=first)
            assert client.facts()["early_data"] == said
        first = _talk(lab, narrow, "-groups", "P-256")
        client = _talk(lab, narrow, "-groups", "X25519:P-256", "-early_data", str(hello), resumes=first)
        assert client.facts()["early_data"] == "rejected"
        client = _get(lab, web.address)
        client = _client(lab, web.address, ("-early_data", str(request)), None, client)
        client.program.expect(ANSWER)
        assert client.get() == 200
        client.close()
        assert client.facts()["early_data"] == "accepted"
        client = _echo(lab, gnutls.address)
        _echo(lab, gnutls.address, "-early_data", str(hello), resumes=client)


def hello_retry(lab: Lab) -> None:
    """Servers that want another group than the client guessed, and one that wants a cookie first."""
    server = SServer(lab, "-tls1_3", "-groups", "P-384", "-keylogfile", str(lab.keylog), port=4434)
    web = Nginx(lab, options="ssl_ecdh_curve secp384r1;")
    httpd = Httpd(lab, "SSLOpenSSLConfCmd Groups P-384", host="httpd")
    java = JsseServer(lab, "-Djdk.tls.namedGroups=secp384r1", version="TLSv1.3")
    gnutls = GnutlsServ(lab, priority=f"{ONLY_13}:-GROUP-ALL:+GROUP-SECP384R1")
    with lab.capturing():
        for address in (web.address, httpd.address):
            assert _get(lab, address).facts()["hello_retry"]
        for address in (java.address, gnutls.address):
            assert _echo(lab, address).facts()["hello_retry"]
        first = _talk(lab, server)
        assert _talk(lab, server, resumes=first).facts()["hello_retry"]
        for source in (_gnutls(lab, server), _java(lab, server), _nss(lab, server)):
            lab.truth.tell("script", source, server.address, {"hello_retry": True})
        assert not _talk(lab, server, "-groups", "P-384").facts()["hello_retry"]


SERVERS = ("nginx", "apache2", "haproxy", "java", "gnutls-serv")

SCENARIOS = (
    Scenario(
        "tls13-full",
        "TLS 1.3 in full: OpenSSL, GnuTLS, NSS and Java at both ends, nginx, httpd and HAProxy; every cipher suite of "
        "OpenSSL's, client certificates sent, not sent and not asked for.",
        full,
        needs=("openssl", *SERVERS, "gnutls-cli", "tstclnt", "selfserv", *TOOLS),
        needs_namespaces=True,
        seconds=16,
    ),
    Scenario(
        "tls13-psk",
        "TLS 1.3 resumed by a pre-shared key, with OpenSSL, nginx, httpd, HAProxy, Java and GnuTLS as servers, and an "
        "external one.",
        psk,
        needs=("openssl", *SERVERS),
        seconds=10,
    ),
    Scenario(
        "tls13-early-data",
        "0-RTT data in TLS 1.3, accepted and rejected: by OpenSSL, nginx and GnuTLS.",
        early_data,
        needs=("openssl", "nginx", "gnutls-serv"),
        seconds=6,
    ),
    Scenario(
        "tls13-hello-retry",
        "TLS 1.3 servers that ask for another ClientHello, since its key share is of the wrong group: OpenSSL, nginx, "
        "httpd, Java and GnuTLS, with the clients of OpenSSL, GnuTLS, Java and NSS.",
        hello_retry,
        needs=("openssl", "nginx", "apache2", "java", "gnutls-serv", "gnutls-cli", "tstclnt", *TOOLS),
        needs_namespaces=True,
        seconds=14,
    ),
)


def _client(
    lab: Lab, server: Address, options: tuple[str, ...], certificate: Identity | None, resumes: SClient | None
) -> SClient:
    return SClient(lab, server, "-tls1_3", *options, certificate=certificate, resumes=resumes).connected()


def _talk(
    lab: Lab, server: SServer, *options: str, certificate: Identity | None = None, resumes: SClient | None = None
) -> SClient:
    client = _client(lab, server.address, options, certificate, resumes)
    server.talk(client)
    client.close()
    return client


def _get(
    lab: Lab, server: Address, *options: str, certificate: Identity | None = None, resumes: SClient | None = None
) -> SClient:
    client = _client(lab, server, options, certificate, resumes)
    client.get()
    client.close()
    return client


def _echo(
    lab: Lab, server: Address, *options: str, certificate: Identity | None = None, resumes: SClient | None = None
) -> SClient:
    client = _client(lab, server, options, certificate, resumes)
    client.echo("hello")
    client.close()
    return client


def _gnutls(lab: Lab, server: SServer, certificate: Identity | None = None) -> Address:
    client = GnutlsCli(lab, server.address, priority=ONLY_13, certificate=certificate).connected()
    client.program.send("hello\n")
    _answer(server)
    client.program.expect("^welcome")
    client.close()
    return client.source


def _java(lab: Lab, server: SServer, certificate: Identity | None = None) -> Address:
    client = JsseClient(lab, server.address, version="TLSv1.3", certificate=certificate).connected()
    client.send("hello")
    _answer(server)
    client.program.expect("^line welcome")
    client.close()
    return client.source


def _nss(lab: Lab, server: SServer) -> Address:
    """The last at this server, which ends with it."""
    client = Tstclnt(lab, server.address, version="tls1.3")
    client.wait_for_handshake(1)
    client.say("hello")
    _answer(server)
    client.program.expect("welcome")
    client.program.hang_up()
    client.tell(dropped=False)
    return client.source


def _answer(server: SServer) -> None:
    server.program.expect("^hello")
    server.send("welcome\n")
