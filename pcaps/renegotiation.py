"""Renegotiation in TLS 1.2, asked for by either side, granted and refused, with data before and after."""

from __future__ import annotations

from pathlib import Path

from clients import SClient
from sserver import Scene, SServer
from stage import Stage, wait_until
from truth import Truth

GCM, CHACHA, CBC = "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA"
CCM = "ECDHE-ECDSA-AES256-CCM"


def granted(stage: Stage, capture: Path) -> Truth:
    """Renegotiations that succeed in TLS 1.2, by GCM, ChaCha20, CCM and CBC (with and without encrypt-then-MAC): asked
    for by the client, by the server, and by the server that wants a client certificate; GnuTLS's server too."""
    scene = Scene(stage)
    alice = str(scene.authority.issue("alice"))
    with stage.capture(capture):
        for cipher, *more in ([GCM], [CHACHA], [CCM], [CBC], [CBC, "-no_etm"]):
            server = scene.serve("-tls1_2", "-client_renegotiation", "-cipher", cipher, *more)
            client = scene.meet(server, "-cipher", cipher, *more)
            for _ in range(2):
                server.talk(client)
                assert client.renegotiate()
            server.talk(client)
            scene.close(client, client_certificate="not_requested")
        # Asked with `R` for a certificate, OpenSSL's client would only resume, and send none, if it could.
        full = ["-no_ticket", "-no_cache"]
        for command, more in (("r", []), ("R", full)):
            for cipher in (GCM, CHACHA):
                server = scene.serve("-tls1_2", "-CAfile", scene.ca, *more)
                client = scene.meet(server, "-cipher", cipher, "-cert", alice, "-key", alice, "-cert_chain", alice)
                server.talk(client)
                _server_asks(server, client, command)
                server.talk(client)
                scene.close(client, client_certificate="not_requested")
        _with_gnutls(scene)
    return scene.truth


def refused(stage: Stage, capture: Path) -> Truth:
    """Renegotiations that are refused: by OpenSSL 3's server, as by default (the client then ends the session), and by
    a client (-no_renegotiation; the server then does). Two healthy sessions beside."""
    scene = Scene(stage)
    with stage.capture(capture):
        for cipher in (GCM, CHACHA, CBC):
            server = scene.serve("-tls1_2")
            client = scene.meet(server, "-cipher", cipher)
            server.talk(client)
            assert not client.renegotiate()
            scene.truth.add(client.ended().facts(), outcome="renegotiation_failed", closed_by="client", dropped=True)
        for cipher in (GCM, CHACHA):
            server = scene.serve("-tls1_2")
            client = scene.meet(server, "-cipher", cipher, "-no_renegotiation")
            server.talk(client)
            server.send("r\n")
            client.ended()
            scene.truth.add(client.facts(), outcome="renegotiation_failed", closed_by="server", dropped=True)
        for cipher in (GCM, CBC):
            server = scene.serve("-tls1_2")
            client = scene.meet(server, "-cipher", cipher)
            server.talk(client)
            scene.close(client)
    return scene.truth


SAMPLES = {"renegotiation-ok": granted, "renegotiation-refused": refused}


def _with_gnutls(scene: Scene) -> None:
    """GnuTLS's server echoes lines, asks for a client certificate each time, and lets clients renegotiate."""
    keys = ["--x509keyfile", scene.certificate, "--x509certfile", scene.certificate]
    argv = ["gnutls-serv", "--echo", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "-p", "5556", *keys]
    scene.stage.serve("gnutls.log", *argv, listens=[("0.0.0.0", 5556)])
    client = SClient(scene.stage, (scene.stage.address(11), 5556), "-CAfile", scene.ca).connected()
    for line in ("first", "second"):
        client.send(f"{line}\n")
        client.expect(line)
        assert client.renegotiate()
    client.send("third\n")
    client.expect("third")
    scene.close(client, client_certificate="empty")


def _server_asks(server: SServer, client: SClient, command: str) -> None:
    server.send(f"{command}\n")
    wait_until(lambda: client.finished() == 4, "the server's renegotiation")
