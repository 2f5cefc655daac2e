"""The servers of the benchmark's traffic: nginx, HAProxy and `openssl s_server`, and a name server beside them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hosts import Address, Stage

from tlscap.lab.certificates import Authority

HOST = 31
TICKETS, SESSION_IDS, MUTUAL, RETRY, CERTIFICATE_REQUIRED, OPTIONAL, ONLY_13, S_SERVER, PLAIN = (
    443, 444, 445, 446, 447, 448, 449, 4433, 80,
)  # fmt: skip
"""The ports, by what their servers do."""
SIZES = (200, 1_000, 5_000, 20_000, 40_000, 200_000)
"""Bytes of the documents `/SIZE`, in `www`."""

NGINX = """
daemon off;
pid {work}/nginx.pid;
error_log stderr crit;
worker_processes 1;
worker_rlimit_nofile 8192;
user root;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  keepalive_timeout 20s;
  keepalive_requests 100000;
  root {work}/www;
  ssl_session_cache shared:all:20m;
  ssl_certificate {certificate};
  ssl_certificate_key {certificate};
  ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path {work}/nginx-body; proxy_temp_path {work}/nginx-proxy; fastcgi_temp_path {work}/nginx-fastcgi;
  uwsgi_temp_path {work}/nginx-uwsgi; scgi_temp_path {work}/nginx-scgi;
  server {{ listen {address}:{TICKETS} ssl; }}
  server {{ listen {address}:{SESSION_IDS} ssl; ssl_session_tickets off; }}
  server {{ listen {address}:{MUTUAL} ssl; ssl_client_certificate {ca}; ssl_verify_client on; ssl_verify_depth 2; }}
  server {{ listen {address}:{RETRY} ssl; ssl_ecdh_curve secp384r1; }}
  server {{ listen {address}:{PLAIN}; listen 127.0.0.1:8080; }}
}}
"""

HAPROXY = """
global
  maxconn 2000
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend required
  bind {address}:{CERTIFICATE_REQUIRED} ssl crt {certificate} ca-file {ca} verify required
  default_backend web
frontend optional
  bind {address}:{OPTIONAL} ssl crt {certificate} ca-file {ca} verify optional
  default_backend web
frontend only13
  bind {address}:{ONLY_13} ssl crt {certificate} ssl-min-ver TLSv1.3
  default_backend web
backend web
  server web 127.0.0.1:8080
"""

PORTS = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)}


def serve(stage: Stage, authority: Authority, names: Path) -> Address:
    """Starts them all; gives the name server's address. Documents lie in `www`."""
    address = stage.address(HOST)
    certificate = str(authority.issue("app.example"))
    make_documents(stage.work / "www", SIZES)
    words = {"address": address, "certificate": certificate, "ca": authority.both, "work": stage.work, **PORTS}
    for name, text in (("nginx", NGINX), ("haproxy", HAPROXY)):
        (stage.work / f"{name}.cfg").write_text(text.format(**words))
    nginx = ["nginx", "-c", f"{stage.work}/nginx.cfg", "-p", str(stage.work)]
    stage.serve("nginx.log", *nginx, listens=[(address, TICKETS)])
    haproxy = ["haproxy", "-db", "-f", f"{stage.work}/haproxy.cfg"]
    stage.serve("haproxy.log", *haproxy, listens=[(address, OPTIONAL)])
    identity = ["-cert", certificate, "-key", certificate, "-cert_chain", certificate]
    s_server = ["openssl", "s_server", "-quiet", "-WWW", "-accept", f"{address}:{S_SERVER}", *identity]
    stage.serve("s_server.log", *s_server, listens=[(address, S_SERVER)], cwd=stage.work / "www")
    stage.serve("names.log", sys.executable, str(names), address)
    return address, 53


def make_documents(www: Path, sizes: tuple[int, ...]) -> None:
    www.mkdir(exist_ok=True)
    for size in sizes:
        (www / str(size)).write_bytes(os.urandom(size))
