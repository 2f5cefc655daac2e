"""Every version and kind of handshake that OpenSSL 3.0 still speaks, over IPv4 and IPv6."""

from __future__ import annotations

from pathlib import Path

from sserver import Scene, SServer
from stage import Stage
from truth import Row, Truth

ANY = ["-cipher", "ALL:@SECLEVEL=0"]
TICKET, PSK = "session_ticket", "psk"


def versions(stage: Stage, capture: Path) -> Truth:
    """TLS 1.0 to 1.3, full and resumed, over IPv4 and IPv6, by RSA, ephemeral and external-PSK key exchange; hello
    retry, early data accepted and rejected, a client certificate in TLS 1.3."""
    scene = Scene(stage)
    anything = scene.serve(*ANY, certificate=str(scene.authority.issue("app.example", use_rsa=True)))
    modern = scene.serve("-tls1_3", "-groups", "P-256", "-early_data")
    mutual = scene.serve("-tls1_3", "-CAfile", scene.ca, "-verify", "3")
    external = scene.serve("-tls1_3", "-psk", "1a2b3c", "-nocert")
    v6 = scene.serve(v6=True)
    with stage.capture(capture):
        for version in ("-tls1", "-tls1_1", "-tls1_2"):
            _twice(scene, anything, TICKET, version, *ANY)
        for cipher in ("AES128-SHA", "AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"):
            _talk(scene, anything, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
        for suite in ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"):
            _twice(scene, anything, PSK, "-tls1_3", "-ciphersuites", suite)
        for version, mechanism in (("-tls1_2", TICKET), ("-tls1_3", PSK)):
            _twice(scene, v6, mechanism, version)
        assert _talk(scene, modern, "-groups", "X25519:P-256")["hello_retry"]
        _early(scene, modern)
        alice = str(scene.authority.issue("alice"))
        _talk(scene, mutual, "-cert", alice, "-key", alice, "-cert_chain", alice, client_certificate="sent")
        _talk(scene, mutual, client_certificate="empty")
        # OpenSSL counts an external PSK as a resumed session, tlscap does not: the row says neither.
        del _talk(scene, external, "-psk", "1a2b3c", external_psk=True)["handshake"]
    return scene.truth


SAMPLES = {"versions": versions}


def _talk(scene: Scene, server: SServer, *options: str, **more: object) -> Row:
    client = scene.meet(server, *options)
    server.talk(client)
    return scene.close(client, **more)


def _early(scene: Scene, server: SServer) -> None:
    """Early data with a fresh ticket is accepted; with the same ticket again it is not, and the handshake is full."""
    session, data = scene.stage.work / "early.session", scene.stage.work / "early.txt"
    data.write_text("hello early\n")
    _talk(scene, server, "-groups", "P-256", "-sess_out", str(session), early_data=None)
    for said in ("accepted", "rejected"):
        row = _talk(scene, server, "-groups", "P-256", "-sess_in", str(session), "-early_data", str(data))
        assert row["early_data"] == said, row


def _twice(scene: Scene, server: SServer, mechanism: str, *options: str) -> None:
    """A full handshake, and one that resumes it."""
    session = str(scene.stage.work / f"{server.address[1]}-{'-'.join(options)}.session")
    first = _talk(scene, server, *options, "-sess_out", session)
    second = _talk(scene, server, *options, "-sess_in", session, resumption=mechanism)
    second["resumed_from_port"] = first["client_port"]
    assert second["handshake"] == "abbreviated", second
