"""What a scenario plays with: hosts, programs, certificates, captures, the truth, the schedule's events."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path

from tlscap.lab.address import Address, endpoint
from tlscap.lab.annotations import Annotations
from tlscap.lab.certificates import Authority, Identity
from tlscap.lab.network import FIRST_CLIENT_PORT, Network
from tlscap.lab.pcapng import lose_packets
from tlscap.lab.program import PYTHON, Program, Programs
from tlscap.lab.scenario import Scenario, Value
from tlscap.lab.tcpdump import capturing
from tlscap.lab.truth import Truth
from tlscap.lab.waiting import wait_until

PRIVILEGED = 1024
UNPRIVILEGED_OFFSET = 8000
"""Added to ports below 1024 where this user may not have them."""


class Lab:
    """One run of one scenario. `files` is for configurations, certificates and sessions; it is kept with the rest."""

    def __init__(self, scenario: Scenario, settings: Mapping[str, Value], directory: Path, network: Network) -> None:
        self.scenario, self.settings, self.network = scenario, settings, network
        self.directory = directory
        self.files, logs = directory / "files", directory / "logs"
        for folder in (self.files, logs):
            folder.mkdir()
        self.keylog = directory / "keys.txt"
        """For SSLKEYLOGFILE and the like, of one end of each connection."""
        self.programs = Programs(logs)
        self.truth = Truth()
        self.annotations = Annotations()
        self.random = random.Random(settings["seed"])
        self.hosts: dict[str, str] = {}
        """The hosts' names and addresses."""
        self._identities: dict[str, Identity] = {}
        self._ports = iter(range(FIRST_CLIENT_PORT, 60000))

    def host(self, name: str, at: str | None = None, *, v6: bool = False) -> str:
        """The address of the host `name`, made at the first call, at the last site unless said otherwise."""
        if name not in self.hosts:
            self.hosts[name] = self.network.add_host(at or self.network.sites[-1], v6)
        return self.hosts[name]

    def client_host(self, name: str = "client") -> str:
        """The same at the first site, where this process is: clients in Python can only be there."""
        return self.host(name, self.network.sites[0])

    def server(self, name: str, port: int, at: str | None = None, *, v6: bool = False) -> Address:
        """Where a server on the host `name` is to listen."""
        return self.host(name, at, v6=v6), self.port(port)

    def port(self, number: int) -> int:
        """`number`, or another one that this user may listen on."""
        if self.network.kind == "loopback" and os.geteuid() != 0 and number < PRIVILEGED:
            return number + UNPRIVILEGED_OFFSET
        return number

    def client_port(self) -> int:
        """A port for one connection; no two of a run have the same."""
        return next(self._ports)

    @cached_property
    def authority(self) -> Authority:
        """Who issues the run's certificates; `Authority(lab.files, "stranger")` makes another."""
        return Authority(self.files)

    def identity(self, name: str = "app.example") -> Identity:
        """The certificate of a host or person, issued at the first call."""
        if name not in self._identities:
            self._identities[name] = self.authority.issue(name)
        return self._identities[name]

    def start(
        self,
        name: str,
        *argv: str,
        at: str,
        listens: Sequence[Address] = (),
        env: Mapping[str, str] | None = None,
    ) -> Program:
        """Starts a program on the host with the address `at`, its output in logs/NAME.log; waits until it listens."""
        site = self.network.site_of(at)
        program = self.programs.start(name, self.network.command(site, *argv), cwd=self.files, env=env)
        self.wait_for_listeners(program, listens)
        return program

    def start_hop(self, site: str, behaviour: str, **arguments: object) -> Program:
        """Starts what a transparent `site` does to frames; without it nothing passes.

        `behaviour` is the `module:Class` of a hop.Behaviour, made with `arguments`; `program.send` commands it.
        """
        place = self.network.line.index(site)
        left, right = (f"to-{self.network.line[place + step]}" for step in (-1, 1))
        argv = [*PYTHON, "tlscap.lab.hop", left, right, behaviour, json.dumps(arguments)]
        program = self.programs.start(f"hop-{site}", self.network.command(site, *argv), cwd=self.files)
        program.expect("^passing frames")
        return program

    def wait_for_listeners(self, program: Program, listens: Sequence[Address]) -> None:
        """Waits until `program` listens on all the addresses (or on their ports, at every address)."""
        for address in listens:
            site = self.network.site_of(address[0])
            wait_until(
                partial(self._listens, program, site, address),
                f"{program.name} to listen on {endpoint(address)}; see {program.log.name}",
            )

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Captures at the scenario's points while the block runs. Servers should be up, and clients not yet."""
        with capturing(self.network, self.programs, self.scenario.points, self.directory):
            yield

    def lose_from_captures(self, share: float) -> None:
        """Takes a share of all packets out of what was captured, as a tap does that cannot follow."""
        for point in self.scenario.points:
            lost = lose_packets(self.directory / f"capture-{point}.pcap", share, self.random)
            self.note("capture_lost", f"{lost} packets at {point}")

    def note(self, event: str, detail: str = "") -> None:
        """An event of the schedule, for annotations.csv: `config_reload`, `certificate_rotated`, `load_peak`, ..."""
        self.annotations.note(event, detail)

    def cut(self, at: str, to: str, on: bool = True) -> None:
        """Loses all that the site `at` sends to the host with the address `to`, beyond every point; or ends that."""
        self.network.cut(at, to, on)
        self.note("path_cut" if on else "path_restored", f"from {at} to {to}")

    def _listens(self, program: Program, site: str, address: Address) -> bool:
        if not program.running:
            raise RuntimeError(f"{program.name} did not start; see {program.log.name}")
        ip, port = address
        wanted = {endpoint(address), f"*:{port}", f"0.0.0.0:{port}", f"[::]:{port}", f"[::ffff:{ip}]:{port}"}
        heard = {line.split()[3] for line in self.network.run(site, "ss", "-Hltn").splitlines()}
        return not heard.isdisjoint(wanted)
