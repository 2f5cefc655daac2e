"""The network of a run: sites in a line, each a network namespace, a veth pair (a cable) between neighbours.

    clients ─── balancer ─── servers        10.20.SITE.HOST, sites and hosts counted from 1

Hosts are addresses on their site's loopback device; routes lead along the line, and sites in the middle forward. MTU
1500, offloads off, so that captures show what a wire would carry. A transparent site has no address: its two devices
wait for a program that passes frames from one to the other (hop.py). The process itself is at the first site.

Where namespaces are not allowed all sites share the loopback device (`Loopback`): segments of up to 64 KB, no
forwarding, no transparent sites, no cut paths, and every point sees the same packets.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tlscap.lab.waiting import wait_until

OFFLOADS = ("tso", "gso", "gro", "tx", "rx")
NOBODY = "02:00:00:00:00:99"
"""The hardware address of a machine that is not there."""
FIRST_CLIENT_PORT = 40001
"""Client ports are given out from here; what the kernel picks itself is below, so that the two never meet."""
HOSTS_LIMIT = 250
"""Hosts of a site: the last byte of an address."""


SITES_LIMIT = 8
"""Sites of a line; two runs on loopback differ by so much in the third byte of addresses, if not in the second."""


class Network:
    """What both kinds of network have: sites with numbers, hosts with addresses, points with filters."""

    kind = ""

    def __init__(self, line: Sequence[str], transparent: Sequence[str] = ()) -> None:
        self.line = tuple(line)
        self.sites = tuple(site for site in line if site not in transparent)
        self._site_of: dict[str, str] = {}
        self._hosts = dict.fromkeys(self.sites, 0)

    def points(self) -> dict[str, tuple[str, str]]:
        """Every place where one can capture: name to (site, neighbour)."""
        ends = list(zip(self.line, self.line[1:]))
        ends += [(right, left) for left, right in ends]
        cables = {site: sum(site == end for end, _ in ends) for site in self.line}
        return {site if cables[site] == 1 else f"{site}-to-{other}": (site, other) for site, other in ends}

    def passes(self, point: str, one: str, other: str) -> bool:
        """Whether packets between the addresses `one` and `other` pass the point."""
        site, neighbour = self.points()[point]
        cable = max(self.line.index(site), self.line.index(neighbour))
        left, right = sorted(self.line.index(self.site_of(ip)) for ip in (one, other))
        return left < cable <= right

    def site_of(self, address: str) -> str:
        """The site where a host is; what never was given out as an address is nowhere: KeyError."""
        return self._site_of[address]

    def knows(self, address: str) -> bool:
        return address in self._site_of

    def add_host(self, site: str, v6: bool = False) -> str:
        """A new host at `site`; gives its address."""
        self._hosts[site] += 1
        if self._hosts[site] > HOSTS_LIMIT:
            raise ValueError(f"more than {HOSTS_LIMIT} hosts at {site}")
        address = self._address(self.sites.index(site) + 1, self._hosts[site], v6)
        self._site_of[address] = site
        self._add_address(site, address)
        return address

    def command(self, site: str, *argv: str) -> list[str]:
        """`argv` so that it runs at `site`."""
        raise NotImplementedError

    def device(self, point: str) -> tuple[str, str]:
        """The device to capture on, at the point's site, and the filter for it."""
        raise NotImplementedError

    def cut(self, at: str, to: str, on: bool = True) -> None:
        """Loses every packet that the site `at` sends to the address `to`, beyond the points of both ends."""
        raise RuntimeError("a path can only be cut between namespaces, not on loopback")

    def run(self, site: str, *argv: str) -> str:
        """Runs a command to its end and gives what it prints."""
        return subprocess.run(self.command(site, *argv), check=True, capture_output=True, text=True).stdout

    def close(self) -> None:
        """Takes down what was put up."""

    def _address(self, site: int, host: int, v6: bool) -> str:
        raise NotImplementedError

    def _add_address(self, site: str, address: str) -> None:
        raise NotImplementedError


class Namespaces(Network):
    """The real thing; this process must be in network and process namespaces of its own (cage.py)."""

    kind = "namespaces"

    def __init__(self, line: Sequence[str], transparent: Sequence[str] = ()) -> None:
        super().__init__(line, transparent)
        self._holders: dict[str, subprocess.Popen[bytes]] = {}
        for site in self.line[1:]:
            self._holders[site] = self._hold()
        for number, (left, right) in enumerate(zip(self.line, self.line[1:])):
            self._join(number, left, right)
        for site in self.line:
            self._ip(site, "link set lo up")
        for number, site in enumerate(self.sites):
            self._route(number, site)

    def command(self, site: str, *argv: str) -> list[str]:
        if site not in self._holders:
            return list(argv)
        return ["nsenter", "-t", str(self._holders[site].pid), "-n", *argv]

    def device(self, point: str) -> tuple[str, str]:
        return f"to-{self.points()[point][1]}", "tcp or icmp"

    def cut(self, at: str, to: str, on: bool = True) -> None:
        there = self.sites.index(self.site_of(to)) > self.sites.index(at)
        cable = self.sites.index(at) - (0 if there else 1)
        nobody = f"fd20:{200 + cable}::3" if ":" in to else f"10.20.{200 + cable}.3"
        device = f"to-{self.line[self.line.index(at) + (1 if there else -1)]}"
        self._ip(
            at,
            f"neigh replace {nobody} lladdr {NOBODY} nud permanent dev {device}",
            f"route {'replace' if on else 'delete'} {to} via {nobody}",
        )

    def close(self) -> None:
        for holder in self._holders.values():
            holder.kill()
            holder.wait()

    def _address(self, site: int, host: int, v6: bool) -> str:
        return f"fd20:{site}::{host:x}" if v6 else f"10.20.{site}.{host}"

    def _add_address(self, site: str, address: str) -> None:
        self._ip(site, f"address add {address} dev lo" + (" nodad" if ":" in address else ""))

    def _hold(self) -> subprocess.Popen[bytes]:
        """A process that keeps a namespace open."""
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        own = Path("/proc/self/ns/net").readlink()
        wait_until(lambda: Path(f"/proc/{holder.pid}/ns/net").readlink() != own, "a network namespace")
        return holder

    def _join(self, number: int, left: str, right: str) -> None:
        """A cable; at either end the device is called after the other end."""
        here = self.line[0]
        self._ip(here, f"link add cable{number}a type veth peer name cable{number}b")
        for end, site, other in (("a", left, right), ("b", right, left)):
            pid = self._holders[site].pid if site in self._holders else os.getpid()
            self._ip(here, f"link set cable{number}{end} netns {pid} name to-{other}")
            offloads = [word for name in OFFLOADS for word in (name, "off")]
            self.run(site, "ethtool", "-K", f"to-{other}", *offloads)
            self._ip(site, f"link set to-{other} up")

    def _route(self, number: int, site: str) -> None:
        commands = []
        place = self.line.index(site)
        if number > 0:
            commands += self._through(self.line[place - 1], number - 1, 2, range(1, number + 1))
        if number < len(self.sites) - 1:
            commands += self._through(self.line[place + 1], number, 1, range(number + 2, len(self.sites) + 1))
        self._ip(site, *commands)
        for path, value in (
            ("ipv4/ip_local_port_range", f"20000 {FIRST_CLIENT_PORT - 1}"),
            ("ipv4/ip_forward", "1"),
            ("ipv6/conf/all/forwarding", "1"),
            ("ipv6/conf/all/accept_dad", "0"),
        ):
            self.run(site, "sh", "-c", f"[ ! -e /proc/sys/net/{path} ] || echo {value} > /proc/sys/net/{path}")

    def _through(self, neighbour: str, cable: int, own: int, sites: range) -> list[str]:
        """An address on a cable, and the routes to the sites beyond it."""
        device, other = f"to-{neighbour}", 3 - own
        commands = [
            f"address add 10.20.{200 + cable}.{own}/24 dev {device}",
            f"address add fd20:{200 + cable}::{own}/64 dev {device} nodad",
        ]
        commands += [f"route add 10.20.{site}.0/24 via 10.20.{200 + cable}.{other}" for site in sites]
        commands += [f"route add fd20:{site}::/64 via fd20:{200 + cable}::{other}" for site in sites]
        return commands

    def _ip(self, site: str, *commands: str) -> None:
        if commands:
            text = "\n".join(commands)
            subprocess.run(self.command(site, "ip", "-batch", "-"), input=text, text=True, check=True)


class Loopback(Network):
    """All sites on the machine's own loopback device, under addresses that no other run has, nor had a minute ago:
    the kernel keeps the ports of connections that have ended for so long."""

    kind = "loopback"

    def __init__(self, line: Sequence[str], transparent: Sequence[str] = ()) -> None:
        super().__init__(line, transparent)
        self._net = 20 + os.getpid() % 200
        self._first = time.time_ns() // 10**6 % 31 * SITES_LIMIT

    def command(self, site: str, *argv: str) -> list[str]:
        return list(argv)

    def device(self, point: str) -> tuple[str, str]:
        place = max(self.line.index(site) for site in self.points()[point])
        left = [site for site in self.sites if self.line.index(site) < place]
        right = [site for site in self.sites if self.line.index(site) >= place]
        across = [f"(net {self._subnet(one)} and net {self._subnet(other)})" for one in left for other in right]
        return "lo", f"tcp and ({' or '.join(across)})"

    def _subnet(self, site: str) -> str:
        return f"127.{self._net}.{self._first + self.sites.index(site) + 1}.0/24"

    def _address(self, site: int, host: int, v6: bool) -> str:
        return f"127.{self._net}.{self._first + site}.{host}"

    def _add_address(self, site: str, address: str) -> None:
        """All of 127.0.0.0/8 is there already."""
