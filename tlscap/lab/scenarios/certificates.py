"""Server certificates that expire, and that are replaced, while clients come and stay."""

from __future__ import annotations

import ssl
import time

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import Session, Visitor, client_context
from tlscap.lab.stacks.s_client import SClient

VERSIONS = ("TLSv1.2", "TLSv1.3")
FLAGS = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}


def cert_expired(lab: Lab) -> None:
    """All is well until the certificate's last second; then only those get on who resume, or do not look."""
    lasts_s = float(lab.settings["lasts_s"])
    end = time.time() + lasts_s
    web = Nginx(lab, certificate=lab.authority.issue("app.example", lasts_s=lasts_s)).address
    careful = ("-CAfile", str(lab.authority.root), "-verify_return_error")
    with lab.capturing():
        before = {}
        for version in VERSIONS:
            before[version] = _visit(SClient(lab, web, FLAGS[version], *careful).connected())
        time.sleep(max(0.0, end + 1 - time.time()))  # certificates count in whole seconds
        lab.note("certificate_expired", "app.example")
        for version, visited in before.items():
            _visit(SClient(lab, web, FLAGS[version], *careful, resumes=visited).connected())
            _visit(SClient(lab, web, FLAGS[version]).connected())
            for _ in range(3):
                refuses = SClient(lab, web, FLAGS[version], *careful)
                refuses.tell(handshake_outcome="failed", outcome="handshake_failed", closed_by="client", dropped=False)


def cert_rotated(lab: Lab) -> None:
    """A new certificate by HAProxy's runtime interface: old sessions stay, new handshakes show the new one."""
    frontends = [Frontend(f"lb{number}", options) for number, options in enumerate((ONLY_12, ONLY_13))]
    proxy = HAProxy(lab, frontends, runtime=True)
    contexts = [client_context(lab, version=version) for version in VERSIONS]
    with lab.capturing():
        stay = [Visitor(lab, server, context) for server, context in zip(proxy.addresses, contexts)]
        before = [_come_and_go(lab, proxy, number, contexts) for number in (0, 1)]
        proxy.replace_certificate(lab.identity(), lab.authority.issue("app.example"))
        for visitor in stay:
            visitor.get("/open")
        for number, session in enumerate(before):
            _come_and_go(lab, proxy, number, contexts)
            _come_and_go(lab, proxy, number, contexts, session)
        for visitor in stay:
            visitor.get("/open")
            visitor.tell(dropped=False)
            visitor.close_notify()


def _visit(client: SClient) -> SClient:
    client.get("/")
    client.close()
    return client


def _come_and_go(
    lab: Lab, proxy: HAProxy, number: int, contexts: list[ssl.SSLContext], session: Session | None = None
) -> Session:
    visitor = Visitor(lab, proxy.addresses[number], contexts[number], session=session)
    assert visitor.resumed == (session is not None)
    visitor.get("/open")
    left = visitor.saved()
    assert left
    visitor.tell(dropped=False)
    visitor.close_notify()
    return left


SCENARIOS = (
    Scenario(
        "cert-expired",
        "nginx's certificate expires while it runs: clients that look refuse every full handshake from then on, those "
        "that resume or do not look get on.",
        cert_expired,
        needs=("openssl", "nginx"),
        settings={"lasts_s": 4.0},
        seconds=8,
    ),
    Scenario(
        "cert-rotated",
        "HAProxy gets a new certificate without a reload: sessions go on, who comes back resumes, and full handshakes "
        "show the new one.",
        cert_rotated,
        needs=("openssl", "haproxy"),
        seconds=4,
    ),
)
