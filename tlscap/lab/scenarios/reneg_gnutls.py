"""Renegotiation with GnuTLS, at either end."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.gnutls import ONLY_12, GnutlsCli, GnutlsServ
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

CIPHERS = {
    "gcm": ":-CIPHER-ALL:+AES-256-GCM",
    "chacha20": ":-CIPHER-ALL:+CHACHA20-POLY1305",
    "ccm": ":-CIPHER-ALL:+AES-256-CCM",
    "cbc": ":-CIPHER-ALL:+AES-128-CBC",
    "cbc-without-etm": ":-CIPHER-ALL:+AES-128-CBC:%NO_ETM",
}
"""Priorities of GnuTLS by the names that the setting `ciphers` may list."""


def ok(lab: Lab) -> None:
    """GnuTLS both ends; GnuTLS's client asked by s_server; s_client asked by GnuTLS's server."""
    alice = lab.authority.issue("alice")
    server = GnutlsServ(lab)
    mutual = GnutlsServ(lab, "--require-client-cert", port=5557)
    asking = SServer(lab, "-tls1_2", port=4440)
    with lab.capturing():
        for name in str(lab.settings["ciphers"]).split(","):
            client = GnutlsCli(lab, server.address, priority=ONLY_12 + CIPHERS[name]).connected()
            for number in range(int(lab.settings["rounds"])):
                client.say(f"line {number}")
                assert client.renegotiate()
            client.say("last line")
            client.close()
        client = GnutlsCli(lab, mutual.address, certificate=alice).connected()
        client.say("hello")
        assert client.renegotiate()
        client.say("still alice")
        client.close()
        client = GnutlsCli(lab, asking.address).connected()
        client.program.send("hello\n")
        asking.program.expect("^hello")
        asking.send("r\n")
        client.wait_for_handshake(2)
        asking.send("welcome\n")
        client.program.expect("^welcome")
        client.close()


def failed(lab: Lab) -> None:
    """gnutls-serv asks, and sends data before the handshake that follows; gnutls-cli will have none of it."""
    server = GnutlsServ(lab)
    with lab.capturing():
        client = GnutlsCli(lab, server.address).connected()
        client.say("hello")
        client.program.send("**REHANDSHAKE**\n")
        client.tell(outcome="renegotiation_failed", dropped=True)
        refusing = SClient(lab, server.address, "-no_renegotiation").connected()
        refusing.send("hello\n")
        refusing.expect("^hello$")
        refusing.send("**REHANDSHAKE**\n")
        refusing.tell()


SCENARIOS = (
    Scenario(
        "reneg-gnutls-ok",
        "GnuTLS renegotiates well by GCM, ChaCha20, CCM and CBC with and without encrypt-then-MAC, with a client "
        "certificate, and when the server asks.",
        ok,
        needs=("openssl", "gnutls-serv", "gnutls-cli"),
        needs_namespaces=True,
        settings={"rounds": 2, "ciphers": ",".join(CIPHERS)},
        patterns={"ciphers": f"({'|'.join(CIPHERS)})(,({'|'.join(CIPHERS)}))*"},
        seconds=8,
    ),
    Scenario(
        "reneg-gnutls-failed",
        "gnutls-serv asks for a renegotiation and sends data meanwhile: GnuTLS's client ends the session by an "
        "alert, and OpenSSL's refuses.",
        failed,
        needs=("openssl", "gnutls-serv", "gnutls-cli"),
        needs_namespaces=True,
    ),
)
