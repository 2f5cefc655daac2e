"""Clients that cannot be told their address and port: the route gives the one, the kernel is asked for the other.

Scenarios with them need namespaces: on loopback their address would be 127.0.0.1.
"""

from __future__ import annotations

import re

from tlscap.lab.address import Address
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.waiting import wait_until


def choosing_host(lab: Lab) -> str:
    """The client's host, whose address connections from the first site now have unless their program says otherwise."""
    host, site = lab.client_host(), lab.network.sites[0]
    for route in lab.network.run(site, "ip", "-4", "route", "show").splitlines():
        if " via " in route and " src " not in route:
            lab.network.run(site, "ip", "route", "replace", *route.split(), "src", host)
    return host


def local_address(lab: Lab, program: Program, at: str, server: Address) -> Address:
    """Where `program`, at the host with the address `at`, connects to `server` from; waits until it does."""
    site = lab.network.site_of(at)
    pattern = re.compile(rf"(\S+):(\d+)\s+\S+:{server[1]}\s.*pid={program.process.pid},")
    found: list[Address] = []

    def look() -> bool:
        listed = lab.network.run(site, "ss", "-Htnp", "dst", server[0])
        found.extend((said[1].strip("[]"), int(said[2])) for said in pattern.finditer(listed))
        return bool(found) or not program.running

    wait_until(look, f"{program.name} to connect; see {program.log.name}")
    if not found:
        raise ConnectionError(f"{program.name} ended before it had connected; see {program.log.name}")
    return found[0]
