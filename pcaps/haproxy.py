"""An HAProxy that asks for client certificates and does not insist, with the application behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from certificates import Authority
from stage import Address, Stage

LOG = " ".join((
    "ci=%ci cp=%cp status=%ST ts=%tsc v=%sslv cipher=%sslc", "has_crt=%[ssl_fc_has_crt] c_used=%[ssl_c_used]",
    "verify=%[ssl_c_verify] resumed=%[ssl_fc_is_resumed] cn=%{+Q}[ssl_c_s_dn(cn)] issuer=%{+Q}[ssl_c_i_dn(cn)]",
    "serial=%[ssl_c_serial,hex] notafter=%[ssl_c_notafter] request=%{+Q}r",
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
backend app
  server app 127.0.0.1:8080 maxconn 200
"""

FRONTEND = """
frontend {name}
  bind {bind} ssl crt {certificate} {options}
  http-request set-header X-Client-Port %[src_port]
  http-request set-header X-SSL-Client-CN %[ssl_c_s_dn(cn)] if {{ ssl_fc_has_crt }} {{ ssl_c_verify 0 }}
  default_backend app
"""

APP = Path(__file__).with_name("app.py")


def start_haproxy(
    stage: Stage, frontends: str, *, tuning: str = "", idle: str = "60s", listens: Sequence[Address]
) -> None:
    config = stage.work / "haproxy.cfg"
    config.write_text(CONFIG.format(tuning=tuning, log=LOG.replace('"', '\\"'), idle=idle, frontends=frontends))
    stage.serve("app.log", *stage.python, str(APP), "8080", listens=[("127.0.0.1", 8080)])
    stage.serve("haproxy.log", "haproxy", "-db", "-f", str(config), listens=listens)


def mutual_frontend(stage: Stage, authority: Authority, host: int, options: str, *, name: str = "mutual") -> str:
    """A frontend on port 443 of `host` with `verify optional`."""
    return FRONTEND.format(
        name=name, bind=f"{stage.address(host)}:443", certificate=authority.issue("app.example"),
        options=f"ca-file {authority.both} verify optional {options}",
    )  # fmt: skip


def logged(stage: Stage) -> dict[int, list[dict[str, str]]]:
    """HAProxy's log lines by the client's port, in the order in which they were written."""
    lines: dict[int, list[dict[str, str]]] = {}
    for line in stage.log("haproxy.log").splitlines():
        if line.startswith("ci="):
            fields = {key: value.strip('"') for key, value in re.findall(r'(\w+)=("[^"]*"|\S*)', line)}
            lines.setdefault(int(fields["cp"]), []).append(fields)
    return lines


def log_counts(lines: dict[int, list[dict[str, str]]]) -> dict[str, int]:
    """Requests by status, and connections that have a client's certificate from their session but none of their own."""
    statuses = Counter(line["status"] for said in lines.values() for line in said)
    inherited = sum((said[0]["has_crt"], said[0]["c_used"]) == ("0", "1") for said in lines.values())
    return {
        **{f"haproxy_status_{status}": statuses[status] for status in sorted(statuses)},
        "haproxy_has_crt_0_c_used_1": inherited,
    }


def client_certificate(line: dict[str, str]) -> str:
    """What a line of the log says about the client's certificate, in tlscap's word.

    HAProxy asks every full handshake for one; what was sent there, or not, holds for the resumed ones too.
    """
    if line["has_crt"] == "1":
        return "sent"
    return "inherited" if line["c_used"] == "1" else "empty"
