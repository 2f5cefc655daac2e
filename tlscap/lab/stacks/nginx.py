"""nginx: a web server that answers every request with `hello`, and logs a line per request."""

from __future__ import annotations

import os
import re
import signal

from tlscap.lab.address import Address, endpoint
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row

LOG = (
    "ci=$remote_addr cp=$remote_port si=$server_addr sp=$server_port v=$ssl_protocol cipher=$ssl_cipher "
    "resumed=$ssl_session_reused verify=$ssl_client_verify early=$ssl_early_data status=$status"
)

CONFIG = """
daemon off;
pid {files}/nginx.pid;
error_log stderr;
worker_processes 1;
{user}
events {{ worker_connections 512; }}
http {{
  log_format lab "{log}";
  access_log {access} lab;
  keepalive_timeout {idle};
  ssl_session_cache shared:all:1m;
  client_body_temp_path {files}/nginx-body; proxy_temp_path {files}/nginx-proxy;
  fastcgi_temp_path {files}/nginx-fastcgi; uwsgi_temp_path {files}/nginx-uwsgi; scgi_temp_path {files}/nginx-scgi;
  {more}
  server {{
    listen {address} ssl http2;
    ssl_certificate {certificate}; ssl_certificate_key {certificate};
    ssl_protocols TLSv1.2 TLSv1.3;
    {options}
    location / {{ return 200 "hello\\n"; }}
  }}
}}
"""


class Nginx:
    """One nginx; idle connections are closed after `idle`. `options` are more of the server block, `more` of http.

    With `mutual` it asks for client certificates; if it is to `insist`, it answers 400 to who has none.
    """

    def __init__(
        self,
        lab: Lab,
        *,
        host: str = "web",
        port: int = 443,
        idle: str = "30s",
        mutual: bool = False,
        insist: bool = False,
        certificate: Identity | None = None,
        options: str = "",
        more: str = "",
    ) -> None:
        self._lab, self._mutual = lab, mutual
        self.address: Address = lab.server(host, port)
        self._access = lab.directory / "logs" / f"nginx-{host}-access.log"
        if mutual:
            verify = "on" if insist else "optional"
            options += f" ssl_verify_client {verify}; ssl_verify_depth 3; ssl_client_certificate {lab.authority.both};"
        config = lab.files / f"nginx-{host}.conf"
        config.write_text(
            CONFIG.format(
                files=lab.files, log=LOG, access=self._access, idle=idle, more=more, options=options,
                address=endpoint(self.address), certificate=certificate or lab.identity(),
                user="user root;" if os.geteuid() == 0 else "",
            )
        )  # fmt: skip
        lab.programs.note_version("nginx", "nginx", "-v")
        argv = ["nginx", "-c", str(config), "-p", str(lab.files)]
        self.program: Program = lab.start(f"nginx-{host}", *argv, at=self.address[0], listens=[self.address])
        lab.truth.when_done(self._report)

    def reload(self) -> None:
        """New workers take over; the old ones end when their connections have."""
        self._lab.note("nginx_reload")
        self.program.process.send_signal(signal.SIGHUP)

    def _report(self) -> None:
        for (client, server), said in parse_log(self._access.read_text()).items():
            self._lab.truth.tell("server", client, server, facts(said, self._mutual), program="nginx")


def parse_log(text: str) -> dict[tuple[Address, Address], dict[str, str]]:
    """The fields of each connection's first line in LOG's format, but of those without TLS, by client and server."""
    lines: dict[tuple[Address, Address], dict[str, str]] = {}
    for line in text.splitlines():
        said = dict(re.findall(r"(\w+)=(\S*)", line))
        if said.get("cipher"):
            lines.setdefault(((said["ci"], int(said["cp"])), (said["si"], int(said["sp"]))), said)
    return lines


def facts(said: dict[str, str], mutual: bool) -> Row:
    """What a line tells; of a resumed session's client certificate only its parent's can."""
    resumed = said["resumed"] == "r"
    row: Row = {
        "version": version_name(said["v"]), "cipher": iana_name(said["cipher"]), "handshake_outcome": "completed",
        "handshake": "abbreviated" if resumed else "full",
    }  # fmt: skip
    if not mutual:
        row["client_certificate"] = "not_requested"
    elif not resumed:
        row["client_certificate"] = "empty" if said["verify"] == "NONE" else "sent"
    return row
