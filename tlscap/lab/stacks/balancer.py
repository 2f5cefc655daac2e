"""HAProxy as a balancer in TCP mode: it passes TLS on as it is, one connection after another to the next node."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tlscap.lab.address import Address, endpoint
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program

LOG = "ci=%ci cp=%cp bi=%bi bp=%bp si=%si sp=%sp"
FIRST_SOURCE_PORT, PORTS_A_NODE = 20000, 1000
"""Of its connections to the nodes, apart from those of the run's clients: no two have the same."""

CONFIG = """
global
  log stdout format raw local0
  maxconn 1000
defaults
  mode tcp
  log global
  log-format "{log}"
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen nodes
  bind {bind}
  balance roundrobin
{servers}
"""


class Balancer:
    """One HAProxy on the site `at`. A connection has two legs with the same TLS: what ends one ends the other."""

    def __init__(
        self, lab: Lab, nodes: Sequence[Address], *, host: str = "lb", at: str = "balancer", port: int = 443
    ) -> None:
        self._lab = lab
        self.address: Address = lab.server(host, port, at)
        servers = "".join(self._server(number, node) for number, node in enumerate(nodes))
        config = lab.files / f"balancer-{host}.cfg"
        config.write_text(CONFIG.format(log=LOG, bind=endpoint(self.address), servers=servers))
        lab.programs.note_version("haproxy", "haproxy", "-v")
        argv = ["haproxy", "-db", "-f", str(config)]
        self.program: Program = lab.start(f"balancer-{host}", *argv, at=self.address[0], listens=[self.address])
        lab.truth.when_done(self._report)

    def _server(self, number: int, node: Address) -> str:
        first = FIRST_SOURCE_PORT + number * PORTS_A_NODE
        source = f"{self.address[0]}:{first}-{first + PORTS_A_NODE - 1}"
        return f"  server node{number + 1} {endpoint(node)} source {source}\n"

    def _report(self) -> None:
        """What client and script told of the first leg holds for the second, what the node told for the first."""
        legs = [
            [(said[f"{end}i"], int(said[f"{end}p"])) for end in "cbs"]
            for said in (dict(re.findall(r"(\w\w)=(\S+)", line)) for line in self.program.said().splitlines())
            if said.get("sp", "").isdigit()
        ]
        ports = {client[1]: source[1] for client, source, _ in legs}
        for client, source, node in legs:
            self._lab.truth.share((client, self.address), (source, node), ports)
