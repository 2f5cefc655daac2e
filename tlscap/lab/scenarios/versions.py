"""Every version and kind of handshake that OpenSSL 3.0 still speaks."""

from __future__ import annotations

from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

ANY = ("-cipher", "ALL:@SECLEVEL=0")


def versions(lab: Lab) -> None:
    """TLS 1.0 to 1.3, full and resumed; a server a kind, one connection after another."""
    anything = SServer(lab, *ANY, port=4433, certificate=lab.authority.issue("app.example", use_rsa=True))
    modern = SServer(lab, "-tls1_3", "-groups", "P-256", "-early_data", port=4434)
    mutual = SServer(lab, "-tls1_3", "-CAfile", str(lab.authority.root), "-verify", "3", port=4435)
    external = SServer(lab, "-tls1_3", "-psk", "1a2b3c", "-nocert", port=4436)
    v6 = SServer(lab, host="server6", port=4437, v6=True)
    client6 = lab.host("client6", lab.network.sites[0], v6=True)
    with lab.capturing():
        for version in ("-tls1", "-tls1_1", "-tls1_2"):
            _twice(lab, anything, version, *ANY)
        for cipher in ("AES128-SHA", "AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"):
            _talk(lab, anything, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
        for suite in ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"):
            _twice(lab, anything, "-tls1_3", "-ciphersuites", suite)
        for version in ("-tls1_2", "-tls1_3"):
            _twice(lab, v6, version, at=client6)
        assert _talk(lab, modern, "-groups", "X25519:P-256").facts()["hello_retry"]
        _early(lab, modern)
        _talk(lab, mutual, certificate=lab.authority.issue("alice"))
        _talk(lab, mutual)
        # OpenSSL counts an external PSK as a resumed session; by tlscap's words nothing is resumed.
        client = _talk(lab, external, "-psk", "1a2b3c")
        client.tell_so_far(external_psk=True, handshake="full", resumption=None, client_certificate="not_requested")


SCENARIOS = (
    Scenario(
        "versions",
        "TLS 1.0 to 1.3, full and resumed, over IPv4 and IPv6, by RSA, ephemeral and external-PSK key exchange; hello "
        "retry, early data accepted and rejected, a client certificate in TLS 1.3.",
        versions,
        needs_namespaces=True,
        seconds=10,
    ),
)


def _talk(
    lab: Lab,
    server: SServer,
    *options: str,
    at: str | None = None,
    certificate: Identity | None = None,
    resumes: SClient | None = None,
) -> SClient:
    client = SClient(lab, server.address, *options, at=at, certificate=certificate, resumes=resumes).connected()
    server.talk(client)
    client.close()
    return client


def _early(lab: Lab, server: SServer) -> None:
    """Early data with a fresh ticket is accepted; with the same ticket again it is not, and the handshake is full."""
    data = lab.files / "early.txt"
    data.write_text("hello early\n")
    first = _talk(lab, server, "-groups", "P-256")
    for said in ("accepted", "rejected"):
        client = _talk(lab, server, "-groups", "P-256", "-early_data", str(data), resumes=first)
        assert client.facts()["early_data"] == said


def _twice(lab: Lab, server: SServer, *options: str, at: str | None = None) -> None:
    """A full handshake, and one that resumes it."""
    first = _talk(lab, server, *options, at=at)
    assert _talk(lab, server, *options, at=at, resumes=first).facts()["handshake"] == "abbreviated"
