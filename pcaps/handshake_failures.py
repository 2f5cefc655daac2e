"""Handshakes that fail, each for another reason, with the alert that tells it."""

from __future__ import annotations

import time
from pathlib import Path

from certificates import Authority
from clients import SClient
from sserver import Scene, SServer
from stage import Stage
from truth import Truth

FAILED = {"handshake_outcome": "failed", "outcome": "handshake_failed", "dropped": False}
MUTUAL = ["-Verify", "3", "-verify_return_error"]


def failures(stage: Stage, capture: Path) -> Truth:
    """Handshakes that fail with an alert, clear up to TLS 1.2 and encrypted in TLS 1.3 (versions, ciphers, ALPN, SNI,
    fallback, certificates of either side unknown, expired or missing), or in silence. Three healthy ones beside."""
    scene = Scene(stage)
    stranger = Authority(stage.work, "stranger")
    expired, ca = scene.authority.issue("app.example", expired=True), ["-CAfile", scene.ca]
    old, unknown = _shows(scene.authority.issue("bob", expired=True)), _shows(stranger.issue("mallory"))
    plain, mutual = scene.serve("-alpn", "h2"), scene.serve(*ca, *MUTUAL)
    only_12, only_13 = scene.serve("-tls1_2", "-cipher", "AES256"), scene.serve("-tls1_3")
    picky = scene.serve(
        "-servername", "app.example", "-servername_fatal", "-cert2", scene.certificate, "-key2", scene.certificate
    )
    aged = scene.serve(certificate=str(expired))
    with stage.capture(capture):
        _fails(scene, only_12, "server", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
        _fails(scene, only_12, "server", "-tls1_3")
        _fails(scene, only_13, "server", "-tls1_2")
        _fails(scene, plain, "server", "-tls1_2", "-fallback_scsv")
        _fails(
            scene,
            plain,
            "server",
            "-tls1_3",
            "-groups",
            "ffdhe2048:ffdhe3072",
            "-ciphersuites",
            "TLS_AES_128_CCM_SHA256",
        )
        _fails(scene, picky, "server", "-servername", "other.example")
        _fails(scene, plain, "server", "-alpn", "http/1.1")
        for version in ("-tls1_2", "-tls1_3"):
            _fails(scene, plain, "client", version, "-CAfile", str(stranger.root), "-verify_return_error")
            _fails(scene, aged, "client", version, *ca, "-verify_return_error")
            _fails(scene, plain, "client", version, *ca, "-verify_return_error", "-verify_hostname", "other.example")
            for certificate in ([], old, unknown):
                shown = "sent" if certificate else "empty"
                _fails(scene, mutual, "server", version, *ca, *certificate, client_certificate=shown)
        _no_alert(scene, "mute", "exec sleep 60", "client")
        _no_alert(scene, "gone", "exec true", "server")
        for server in (plain, only_12, only_13):
            client = scene.meet(server)
            server.talk(client)
            scene.close(client)
    return scene.truth


SAMPLES = {"handshake-failures": failures}


def _fails(scene: Scene, server: SServer, refuser: str, *options: str, **more: str) -> None:
    """A handshake that `refuser` ends with a fatal alert. In TLS 1.3 the client may have thought that it was done."""
    client = SClient(scene.stage, server.address, *options).ended(20)
    row = scene.truth.add(client.facts(), **FAILED, closed_by=refuser, **more)
    assert [alert["sender"] for alert in row["alerts"] if alert["level"] == "fatal"] == [refuser], (row, client.said)


def _no_alert(scene: Scene, name: str, behaviour: str, ender: str) -> None:
    """A server that reads the ClientHello and says nothing, until either side hangs up."""
    address = (scene.stage.address(11), {"mute": 5001, "gone": 5002}[name])
    listen = f"TCP-LISTEN:{address[1]},bind={address[0]},reuseaddr"
    scene.stage.serve(f"{name}.log", "socat", listen, f"SYSTEM:{behaviour}", listens=[address])
    client = SClient(scene.stage, address)
    time.sleep(2)
    client.process.kill()
    scene.truth.add(client.ended().facts(), **FAILED, closed_by=ender)


def _shows(certificate: Path) -> list[str]:
    return ["-cert", str(certificate), "-key", str(certificate), "-cert_chain", str(certificate)]
