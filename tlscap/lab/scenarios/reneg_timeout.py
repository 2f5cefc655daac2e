"""Renegotiations that are never answered: the other side hangs, though its kernel still acknowledges."""

from __future__ import annotations

import signal
import time

from tlscap.lab.address import Address
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CIPHERS
from tlscap.lab.stacks.gnutls import GnutlsCli, GnutlsServ
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer
from tlscap.lab.stacks.stunnel import RENEGOTIATION, Stunnel
from tlscap.lab.waiting import wait_until

REFUSED = {"renegotiations": 1, "renegotiations_refused": 1, "renegotiations_failed": 0}
"""By silence: the other side never took part."""
STALLED = {"renegotiations": 1, "renegotiations_refused": 0, "renegotiations_failed": 1}
GIVEN_UP = {"outcome": "renegotiation_failed", "dropped": True}


def play(lab: Lab) -> None:
    """Programs freeze in mid-session; who asked waits for `timeout_s`, and hangs up."""
    servers = [_server(lab, 4433 + number, "-cipher", *cipher) for number, cipher in enumerate(CIPHERS)]
    asking, leaving, slow, last, watched = (_server(lab, 4440 + number) for number in range(5))
    gnutls, tunnel = GnutlsServ(lab), Stunnel(lab, RENEGOTIATION, port=4450)
    with Frozen() as frozen, lab.capturing():
        waiting = [_talking(lab, server, *cipher) for cipher, server in zip(CIPHERS, servers)]
        waiting += [_echoing(lab, server.address) for server in (gnutls, tunnel)]
        gnu = _gnutls_talking(lab, watched)
        asked, abandoned, patient, watching = (_talking(lab, server) for server in (asking, leaving, slow, last))
        for hanging in [server.program for server in (*servers, watched, leaving, slow)] + [
            gnutls.program,
            tunnel.program,
        ]:
            frozen.freeze(hanging)
        for client in (*waiting, abandoned, patient):
            client.send("R\n")
        gnu.program.send("^renegotiate^\n")
        _ask_a_frozen_client(frozen, asking, asked)
        _leave_a_server_half_way(frozen, leaving, abandoned)
        time.sleep(1)
        _answer_late(frozen, slow, patient)
        time.sleep(float(lab.settings["timeout_s"]) - 1)
        for client in waiting:
            client.kill(**GIVEN_UP, **REFUSED, closed_by="client")
        gnu.program.process.kill()
        gnu.tell(**GIVEN_UP, **REFUSED, closed_by="client")
        for server in (asking, leaving):
            server.program.process.kill()
        frozen.freeze(last.program)
        watching.send("R\n")
        time.sleep(0.3)
    asked.kill(**GIVEN_UP, **REFUSED, closed_by="server")
    abandoned.kill(**GIVEN_UP, **STALLED, closed_by="server")
    watching.kill(outcome="open", dropped=False, renegotiations=1, renegotiations_failed=0)


SCENARIOS = (
    Scenario(
        "reneg-timeout",
        "Renegotiations that nobody answers: a server hangs (OpenSSL, GnuTLS, stunnel; GCM, ChaCha20, CCM, CBC) or a "
        "client does, from the start or half-way, until the other gives up; one is answered late, and one is still "
        "waiting when the capture ends.",
        play,
        needs=("openssl", "gnutls-serv", "gnutls-cli", "stunnel"),
        needs_namespaces=True,
        settings={"timeout_s": 4.0},
        seconds=12,
    ),
)


class Frozen:
    """Programs that are stopped by a signal. Behind the capture they are killed: what they missed is not for them."""

    def __init__(self) -> None:
        self._programs: list[Program] = []

    def freeze(self, program: Program) -> None:
        program.signal(signal.SIGSTOP)
        self._programs.append(program)

    def thaw(self, program: Program) -> None:
        program.signal(signal.SIGCONT)
        self._programs.remove(program)

    def __enter__(self) -> Frozen:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self._programs:
            program.signal(signal.SIGKILL)


def _server(lab: Lab, port: int, *options: str) -> SServer:
    return SServer(lab, "-tls1_2", "-client_renegotiation", *options, port=port)


def _talking(lab: Lab, server: SServer, *cipher: str) -> SClient:
    client = SClient(lab, server.address, *(["-cipher", *cipher] if cipher else [])).connected()
    server.talk(client)
    return client


def _echoing(lab: Lab, server: Address) -> SClient:
    client = SClient(lab, server, "-tls1_2").connected()
    client.echo("hello")
    return client


def _gnutls_talking(lab: Lab, server: SServer) -> GnutlsCli:
    client = GnutlsCli(lab, server.address).connected()
    client.program.send("hello server\n")
    server.program.expect("^hello server")
    server.send("hello client\n")
    client.program.expect("^hello client")
    return client


def _ask_a_frozen_client(frozen: Frozen, server: SServer, client: SClient) -> None:
    frozen.freeze(client.program)
    server.send("r\n")


def _leave_a_server_half_way(frozen: Frozen, server: SServer, client: SClient) -> None:
    """The client has asked and freezes; only then the server answers."""
    time.sleep(0.3)
    frozen.freeze(client.program)
    frozen.thaw(server.program)


def _answer_late(frozen: Frozen, server: SServer, client: SClient) -> None:
    """As a server does that was busy."""
    frozen.thaw(server.program)
    wait_until(lambda: client.finished() == 4, "the late answer")
    server.talk(client)
    client.close()
