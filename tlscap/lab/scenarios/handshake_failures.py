"""Handshakes that fail, each for another reason, with the alert that tells it."""

from __future__ import annotations

import time

from tlscap.lab.certificates import Authority, Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

FAILED = {"handshake_outcome": "failed", "outcome": "handshake_failed", "dropped": False}


def failures(lab: Lab) -> None:
    """Each with the alert that its refuser sends, or with none."""
    stranger = Authority(lab.files, "stranger")
    expired, ca = lab.authority.issue("app.example", expired=True), ("-CAfile", str(lab.authority.root))
    old, unknown = lab.authority.issue("bob", expired=True), stranger.issue("mallory")
    shown = str(lab.identity())
    plain, mutual = _server(lab, 0, "-alpn", "h2"), _server(lab, 1, *ca, "-Verify", "3", "-verify_return_error")
    only_12, only_13 = _server(lab, 2, "-tls1_2", "-cipher", "AES256"), _server(lab, 3, "-tls1_3")
    picky = _server(lab, 4, "-servername", "app.example", "-servername_fatal", "-cert2", shown, "-key2", shown)
    aged = SServer(lab, port=4438, certificate=expired)
    with lab.capturing():
        _fails(lab, only_12, "server", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
        _fails(lab, only_12, "server", "-tls1_3")
        _fails(lab, only_13, "server", "-tls1_2")
        _fails(lab, plain, "server", "-tls1_2", "-fallback_scsv")
        _fails(lab, plain, "server", "-tls1_3", "-groups", "ffdhe2048:ffdhe3072", "-ciphersuites", CCM)
        _fails(lab, picky, "server", "-servername", "other.example")
        _fails(lab, plain, "server", "-alpn", "http/1.1")
        for version in ("-tls1_2", "-tls1_3"):
            _fails(lab, plain, "client", version, "-CAfile", str(stranger.root), "-verify_return_error")
            _fails(lab, aged, "client", version, *ca, "-verify_return_error")
            _fails(lab, plain, "client", version, *ca, "-verify_return_error", "-verify_hostname", "other.example")
            for certificate in (None, old, unknown):
                _fails(lab, mutual, "server", version, *ca, certificate=certificate)
        _no_alert(lab, 5001, "exec sleep 60", "client")
        _no_alert(lab, 5002, "exec true", "server")
        for server in (plain, only_12, only_13):
            client = SClient(lab, server.address).connected()
            server.talk(client)
            client.close()


CCM = "TLS_AES_128_CCM_SHA256"

SCENARIOS = (
    Scenario(
        "handshake-failures",
        "Handshakes that fail with an alert, clear up to TLS 1.2 and encrypted in TLS 1.3 (versions, ciphers, ALPN, "
        "SNI, fallback, certificates of either side unknown, expired or missing), or in silence. Three healthy ones "
        "beside.",
        failures,
        needs=("openssl", "socat"),
        seconds=12,
    ),
)


def _server(lab: Lab, number: int, *options: str) -> SServer:
    return SServer(lab, *options, port=4433 + number)


def _fails(lab: Lab, server: SServer, refuser: str, *options: str, certificate: Identity | None = None) -> None:
    """A handshake that `refuser` ends with a fatal alert. In TLS 1.3 the client may have thought that it was done."""
    client = SClient(lab, server.address, *options, certificate=certificate)
    client.tell(**FAILED, closed_by=refuser)
    told = lab.truth.open(client.source, server.address).alerts
    fatal = [alert["sender"] for alert in told if alert["level"] == "fatal"]
    assert fatal == [refuser], client.program.log.name


def _no_alert(lab: Lab, port: int, behaviour: str, ender: str) -> None:
    """A server that reads the ClientHello and says nothing, until either side hangs up."""
    address = lab.server("server", port)
    lab.programs.note_version("socat", "socat", "-V")
    listen = f"TCP-LISTEN:{address[1]},bind={address[0]},reuseaddr"
    lab.start(f"socat-{port}", "socat", listen, f"SYSTEM:{behaviour}", at=address[0], listens=[address])
    client = SClient(lab, address)
    time.sleep(2)
    client.kill(**FAILED, closed_by=ender)
