"""Apache httpd: `/` is for everybody, `/private/` for clients with a certificate.

It asks for the certificate when somebody wants that page: by a renegotiation, in TLS 1.3 after the handshake. Its
workers are nobody, who may not enter every directory that a run is given: their pages are mod_status's, no files.
"""

from __future__ import annotations

import os
import re

from tlscap.lab.address import Address, endpoint
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row

MODULES = "/usr/lib/apache2/modules"

LOG = "ci=%{c}a cp=%{remote}p v=%{SSL_PROTOCOL}x cipher=%{SSL_CIPHER}x resumed=%{SSL_SESSION_RESUMED}x status=%>s"

CONFIG = """
ServerRoot {files}
ServerName app.example
PidFile {files}/httpd-{port}.pid
Mutex pthread default
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule status_module {modules}/mod_status.so
LoadModule ssl_module {modules}/mod_ssl.so
{user}
Listen {address}
ErrorLog {logs}/httpd-{port}-error.log
LogLevel warn ssl:trace3
LogFormat "{log}" lab
CustomLog {logs}/httpd-{port}-access.log lab
DocumentRoot {modules}
KeepAliveTimeout 30
<VirtualHost *:{port}>
SSLEngine on
SSLCertificateFile {certificate}
SSLCACertificateFile {authority}
SSLVerifyDepth 3
{options}
<Location />
SetHandler server-status
</Location>
<Location /private>
SSLVerifyClient {verify}
</Location>
</VirtualHost>
"""


class Httpd:
    """One httpd. `options` are more lines of the virtual host; `verify` is `require` or `optional`."""

    def __init__(self, lab: Lab, *options: str, host: str = "web", port: int = 443, verify: str = "require") -> None:
        self._lab = lab
        self.address: Address = lab.server(host, port)
        number, logs = self.address[1], lab.directory / "logs"
        self._access, self._errors = (logs / f"httpd-{number}-{kind}.log" for kind in ("access", "error"))
        config = lab.files / f"httpd-{number}.conf"
        config.write_text(
            CONFIG.format(
                files=lab.files, logs=logs, modules=MODULES, log=LOG, port=number, address=endpoint(self.address),
                certificate=lab.identity(), authority=lab.authority.both, options="\n".join(options), verify=verify,
                user="User nobody\nGroup nogroup" if os.geteuid() == 0 else "",
            )
        )  # fmt: skip
        lab.programs.note_version("apache2", "apache2", "-v")
        argv = ["apache2", "-f", str(config), "-DFOREGROUND"]
        self.program: Program = lab.start(f"httpd-{number}", *argv, at=self.address[0], listens=[self.address])
        lab.truth.when_done(self._report)

    def _report(self) -> None:
        errors = self._errors.read_text(errors="replace")
        for client, said in parse_log(self._access.read_text()).items():
            self._lab.truth.tell("server", client, self.address, facts(said, errors), program="Apache httpd")


def parse_log(access: str) -> dict[Address, dict[str, str]]:
    """The fields of each client's first line in the access log."""
    lines: dict[Address, dict[str, str]] = {}
    for line in access.splitlines():
        said = dict(re.findall(r"(\w+)=(\S*)", line))
        lines.setdefault((said["ci"], int(said["cp"])), said)
    return lines


def facts(said: dict[str, str], errors: str) -> Row:
    """Of a line of the access log, which has no cipher when the connection ended in a renegotiation; `errors` is the
    error log."""
    if said["cipher"] == "-":
        return {}
    row: Row = {
        "version": version_name(said["v"]), "cipher": iana_name(said["cipher"]), "handshake_outcome": "completed",
        "handshake": "abbreviated" if said["resumed"] == "Resumed" else "full",
    }  # fmt: skip
    return row if row["version"] == "TLSv1.3" else row | _renegotiations(errors, f"{said['ci']}:{said['cp']}")


def _renegotiations(errors: str, client: str) -> Row:
    """What mod_ssl asked for. OpenSSL itself refuses what clients ask for, and mod_ssl does not hear of it."""
    said = [line for line in errors.splitlines() if f"[client {client}]" in line]
    asked = sum("Requesting connection re-negotiation" in line for line in said)
    failed = sum("Re-negotiation handshake failed" in line for line in said)
    return {"renegotiations_completed": asked - failed}
