"""HAProxy: frontends that end TLS, with the application of app.py behind them unless a scenario says otherwise."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from tlscap.lab.address import Address, endpoint
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import PYTHON, Program
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row
from tlscap.lab.waiting import wait_until

ONLY_12, ONLY_13 = "ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.2", "ssl-min-ver TLSv1.3"

APP_PORT = 8080

LOG = " ".join((
    "ci=%ci cp=%cp fi=%fi fp=%fp status=%ST ts=%tsc v=%sslv cipher=%sslc", "has_crt=%[ssl_fc_has_crt]",
    "c_used=%[ssl_c_used] verify=%[ssl_c_verify] resumed=%[ssl_fc_is_resumed] cn=%{+Q}[ssl_c_s_dn(cn)]",
    "issuer=%{+Q}[ssl_c_i_dn(cn)] serial=%[ssl_c_serial,hex] notbefore=%[ssl_c_notbefore] notafter=%[ssl_c_notafter]",
    "subject_dn=%{+Q}[ssl_c_s_dn] issuer_dn=%{+Q}[ssl_c_i_dn] sha1=%[ssl_c_sha1,hex] x509=%[ssl_c_version]",
    "key_alg=%[ssl_c_key_alg] sig_alg=%[ssl_c_sig_alg] err=%[ssl_c_err] ca_err=%[ssl_c_ca_err]",
    "request=%{+Q}r",
))  # fmt: skip

CONFIG = """
global
  log stdout format raw local0
  maxconn 1000
  {tuning}
defaults
  mode http
  log global
  log-format "{log}"
  timeout connect 5s
  timeout client {idle}
  timeout server 60s
  timeout http-keep-alive {idle}
{frontends}
{more}
"""

FRONTEND = """
frontend {name}
  bind {bind} ssl crt {certificate} {options}
  http-request set-header X-Client-Port %[src_port]
  http-request set-header X-SSL-Client-CN %[ssl_c_s_dn(cn)] if {{ ssl_fc_has_crt }} {{ ssl_c_verify 0 }}
  default_backend app
"""

BACKEND = """
backend app
  server app {app} maxconn 200
"""

_TAKEN_OVER = ("Loading success", "Proxy app stopped")
"""What the master says when a worker is ready, and the old worker when it listens no more."""


@dataclass(frozen=True)
class Frontend:
    """A host of its own, at the usual port. `mutual` asks clients for certificates, and does not insist.

    With `mutual` the application learns of the certificate by a header that depends on `ssl_fc_has_crt`.
    """

    host: str
    options: str = ""
    """More of the `bind` line."""
    mutual: bool = False
    certificate: Identity | None = None
    port: int = 443


class HAProxy:
    """One HAProxy with all its frontends on one site. Log lines go into the truth by the client's address and port."""

    def __init__(
        self,
        lab: Lab,
        frontends: Sequence[Frontend],
        *,
        tuning: str = "",
        idle: str = "60s",
        more: str = "",
        runtime: bool = False,
    ) -> None:
        """`tuning` goes into the section global, `more` is sections of the configuration after the frontends."""
        self._socket = lab.files / "haproxy.sock"
        tuning += f"\n  stats socket {self._socket} mode 600 level admin" if runtime else ""
        self._lab, self._tuning, self._idle, self._more = lab, tuning, idle, more
        self.addresses: list[Address] = [lab.server(one.host, one.port) for one in frontends]
        self._mutual = {address for address, one in zip(self.addresses, frontends) if one.mutual}
        self.address = self.addresses[0]
        """Of the first frontend."""
        app = (self.address[0], APP_PORT)
        lab.start("app", *PYTHON, "tlscap.lab.stacks.app", app[0], str(app[1]), at=app[0], listens=[app])
        lab.programs.note_version("haproxy", "haproxy", "-v")
        self._config = lab.files / "haproxy.cfg"
        self.configure(frontends)
        argv = ["haproxy", "-W", "-db", "-f", str(self._config)]
        self.program: Program = lab.start("haproxy", *argv, at=self.address[0], listens=self.addresses)
        lab.truth.when_done(self._report)

    def configure(self, frontends: Sequence[Frontend], **changed: str) -> None:
        """Writes the configuration, with other `tuning`, `idle` or `more` if given; `reload` makes it hold."""
        tuning, idle = changed.get("tuning", self._tuning), changed.get("idle", self._idle)
        more = changed.get("more", self._more) + BACKEND.format(app=f"{self.address[0]}:{APP_PORT}")
        text = "".join(self._frontend(number, one) for number, one in enumerate(frontends))
        log = LOG.replace('"', '\\"')
        self._config.write_text(CONFIG.format(tuning=tuning, log=log, idle=idle, frontends=text, more=more))

    def reload(self) -> None:
        """A new worker takes over, and the old one listens no more; it ends when its connections have."""
        self._lab.note("haproxy_reload", f"configuration {self._config.name} read again")
        before = [self.program.said().count(word) for word in _TAKEN_OVER]
        self.program.process.send_signal(signal.SIGUSR2)
        wait_until(
            lambda: all(self.program.said().count(word) > count for word, count in zip(_TAKEN_OVER, before)),
            "HAProxy to reload",
        )

    def replace_certificate(self, old: Identity, new: Identity) -> None:
        """By the runtime interface, which `runtime=True` opens: handshakes from now on show `new`, sessions go on."""
        self._lab.note("certificate_rotated", f"{new.pem.name} in place of {old.pem.name}")
        self._command(f"set ssl cert {old.pem} <<\n{new.pem.read_text()}\n")
        assert "Success" in self._command(f"commit ssl cert {old.pem}\n")

    def logged(self) -> dict[tuple[Address, Address], list[dict[str, str]]]:
        """The fields of the log's lines by client and frontend, in the order in which they were written."""
        return parse_log(self.program.said())

    def _command(self, command: str) -> str:
        """One command to the runtime interface; gives its answer."""
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self._socket))
            link.sendall(command.encode())
            return b"".join(iter(lambda: link.recv(4096), b"")).decode()

    def _frontend(self, number: int, one: Frontend) -> str:
        address = self._lab.server(one.host, one.port)
        mutual = f"ca-file {self._lab.authority.both} verify optional" if one.mutual else ""
        shown = str(one.certificate or self._lab.identity())
        return FRONTEND.format(
            name=f"web{number}", bind=endpoint(address), certificate=shown, options=f"{mutual} {one.options}"
        )

    def _report(self) -> None:
        for (client, server), lines in self.logged().items():
            row = facts(lines[0], mutual=server in self._mutual)
            self._lab.truth.tell("server", client, server, row, program="HAProxy")
            self._lab.truth.note("server", client, server, haproxy=lines)


def parse_log(text: str) -> dict[tuple[Address, Address], list[dict[str, str]]]:
    """The fields of lines in LOG's format by client and frontend; whatever else HAProxy says is left out."""
    lines: dict[tuple[Address, Address], list[dict[str, str]]] = {}
    for line in text.splitlines():
        if line.startswith("ci="):
            said = {key: value.strip('"') for key, value in re.findall(r'(\w+)=("[^"]*"|\S*)', line)}
            key = (said["ci"], int(said["cp"])), (said["fi"], int(said["fp"]))
            lines.setdefault(key, []).append(said)
    return lines


def facts(said: dict[str, str], mutual: bool) -> Row:
    """What a line of the log tells; a connection whose handshake failed has no cipher there."""
    if said["cipher"] in ("-", ""):
        return {}
    row: Row = {
        "version": version_name(said["v"]), "cipher": iana_name(said["cipher"]), "handshake_outcome": "completed",
        "handshake": "abbreviated" if said["resumed"] == "1" else "full",
    }  # fmt: skip
    if not mutual:
        return row | {"client_certificate": "not_requested"}
    # Every full handshake is asked for one; what was sent there, or not, holds for the resumed ones too.
    inherited = "inherited" if said["c_used"] == "1" else "empty"
    if said["c_used"] == "1":
        row["client_subject"] = ",".join(reversed(said["subject_dn"].strip("/").split("/")))  # as RFC 4514 has it
    return row | {"client_certificate": "sent" if said["has_crt"] == "1" else inherited}
