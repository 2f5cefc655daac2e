"""An nginx that answers every request with `hello`, and logs a line per request."""

from __future__ import annotations

from stage import Stage

CONFIG = """
daemon off;
pid {work}/nginx.pid;
error_log stderr;
worker_processes 1;
user root;
events {{ worker_connections 512; }}
http {{
  log_format ports "cp=$remote_port v=$ssl_protocol cipher=$ssl_cipher reused=$ssl_session_reused status=$status";
  access_log {work}/nginx-access.log ports;
  keepalive_timeout {idle};
  ssl_session_cache shared:all:1m;
  client_body_temp_path {work}/nginx-body; proxy_temp_path {work}/nginx-proxy; fastcgi_temp_path {work}/nginx-fastcgi;
  uwsgi_temp_path {work}/nginx-uwsgi; scgi_temp_path {work}/nginx-scgi;
  server {{
    listen {address}:443 ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {{ return 200 "hello\\n"; }}
  }}
}}
"""


def start_nginx(stage: Stage, host: int, certificate: str, *, idle: str = "30s") -> None:
    """Serves HTTPS on port 443 of `host`; idle connections are closed after `idle`."""
    config = stage.work / "nginx.conf"
    config.write_text(CONFIG.format(work=stage.work, idle=idle, address=stage.address(host), certificate=certificate))
    stage.serve("nginx.log", "nginx", "-c", str(config), "-p", str(stage.work), listens=[(stage.address(host), 443)])
