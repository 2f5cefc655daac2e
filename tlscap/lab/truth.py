"""What the programs themselves said of each connection: `truth.jsonl`, a line a connection. Nothing is from a packet.

A connection is named by its two addresses and ports. Three may tell about it: its `client`, its `server`, and the
`script`, which knows what it did on purpose (it closed with a reset; it presented that connection's session). A fact on
which all who told it agree stands at the top level, the script's word above theirs; where client and server differ the
fact stands under `disputed` alone. Where a hop hid something from one side of it, `at` has what a capture at that point
can show, by point. Facts have the names and values of tlscap's columns, see FACTS.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from tlscap.lab.address import Address

Row = dict[str, Any]
End = Literal["client", "server", "script"]
Key = tuple[Address, Address]
"""The client's address and the server's."""

FACTS = (
    "version", "cipher", "group", "sni", "alpn", "secure_renegotiation", "extended_master_secret",
    "handshake", "handshake_outcome", "resumption", "resumed_from_port", "client_certificate", "client_subject",
    "server_certificate_sha256",
    "hello_retry", "early_data", "external_psk",
    "renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed",
    "outcome", "closed_by", "closed_how", "closed_phase", "closed_idle", "pending", "dropped", "drop_cause",
)  # fmt: skip
"""What may be told: columns of the table `connections`, and `resumed_from_port`, the parent's client port."""

INHERITED = {"sent": "inherited"}
"""What a connection's client certificate becomes in one that resumes it; `empty` and `not_requested` stay."""


_act: ContextVar[str] = ContextVar("act", default="")


@contextmanager
def acting(name: str) -> Iterator[None]:
    """Names what the connections belong to that this thread opens meanwhile: their rows' `act`."""
    token = _act.set(name)
    try:
        yield
    finally:
        _act.reset(token)


class Connection:
    """One connection, and what each end told of it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.told: dict[End, Row] = {"client": {}, "server": {}, "script": {}}
        self.alerts: list[Row] = []
        self.at: dict[str, Row] = {}
        self.act = _act.get()

    def agreed(self) -> tuple[Row, Row]:
        """The facts at the top level, and the disputed ones with each end's word."""
        facts: Row = {}
        disputed: Row = {}
        for fact in FACTS:
            words = {end: row[fact] for end, row in self.told.items() if fact in row}
            if "script" in words:
                facts[fact] = words["script"]
            elif words and all(word == next(iter(words.values())) for word in words.values()):
                facts[fact] = next(iter(words.values()))
            elif words:
                disputed[fact] = words
        return facts, disputed


class Truth:
    """The connections of a run."""

    def __init__(self) -> None:
        self._connections: dict[Key, Connection] = {}
        self._collectors: list[Callable[[], None]] = []

    def open(self, client: Address, server: Address) -> Connection:
        """The connection between the two; a new one if nobody has told of it yet."""
        key = (client[:2], server[:2])
        return self._connections.setdefault(key, Connection(key))

    def tell(
        self, end: End, client: Address, server: Address, facts: Row, *, program: str = "", alerts: Iterable[Row] = ()
    ) -> None:
        """What one end knows; told again, the later word counts. `alerts` are rows of sender, level, description."""
        _see_that_they_are_facts(facts)
        connection = self.open(client, server)
        connection.told[end] |= facts
        if program:
            connection.told[end]["program"] = program
        connection.alerts += [alert for alert in alerts if alert not in connection.alerts]

    def tell_at(self, point: str, client: Address, server: Address, facts: Row) -> None:
        """What a capture at `point` can show in place of what the ends say, for a hop kept the rest from it."""
        _see_that_they_are_facts(facts)
        self.open(client, server).at.setdefault(point, {}).update(facts)

    def note(self, end: End, client: Address, server: Address, **more: object) -> None:
        """What an end said beside the facts: it is kept in that end's part of the row, and compared with nothing."""
        self.open(client, server).told[end] |= more

    def share(self, first: Key, second: Key, ports: Mapping[int, int]) -> None:
        """What is told of two legs of one connection, with the same TLS, holds for both.

        `first` has what the client and the script told, `second` what the server did; `ports` gives the client's port
        on the second leg by that on the first.
        """
        near, far = self.open(*first), self.open(*second)
        ends: tuple[End, ...] = ("client", "script")
        for end in ends:
            far.told[end] |= near.told[end]
            if "resumed_from_port" in near.told[end]:
                far.told[end]["resumed_from_port"] = ports[near.told[end]["resumed_from_port"]]
        near.told["server"] |= far.told["server"]
        near.alerts = far.alerts = near.alerts + [alert for alert in far.alerts if alert not in near.alerts]

    def clients_of(self, server: Address) -> list[Key]:
        """The connections to a server in the order in which they were opened."""
        return [key for key in self._connections if key[1] == server[:2]]

    def when_done(self, collect: Callable[[], None]) -> None:
        """Has `collect` called when the programs have ended and their logs are complete."""
        self._collectors.append(collect)

    def collect(self) -> None:
        for collect in self._collectors:
            collect()
        self._collectors.clear()

    def acts(self) -> dict[str, int]:
        """How many connections belong to each act."""
        return dict(sorted(Counter(one.act for one in self._connections.values() if one.act).items()))

    def rows(self) -> list[Row]:
        """A row a connection, by the clients' ports."""
        rows: dict[Key, Row] = {}
        for key, connection in sorted(self._connections.items(), key=lambda item: (item[0][0][1], item[0])):
            facts, disputed = connection.agreed()
            ends: Row = {end: row for end, row in connection.told.items() if row and end != "script"}
            (client_ip, client_port), (server_ip, server_port) = key
            rows[key] = {
                "client_ip": client_ip, "client_port": client_port, "server_ip": server_ip, "server_port": server_port,
                **facts, "alerts": connection.alerts, **({"disputed": disputed} if disputed else {}),
                **({"at": connection.at} if connection.at else {}),
                **({"act": connection.act} if connection.act else {}), **ends,
            }  # fmt: skip
        _inherit(list(rows.values()))
        return list(rows.values())

    def write(self, path: Path, more: Callable[[Row], Row]) -> int:
        """Writes all rows, each with what `more` gives for it; says how many there are."""
        rows = self.rows()
        with path.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps({**row, **more(row)}) + "\n" for row in rows)
        return len(rows)


def _inherit(rows: list[Row]) -> None:
    """A resumed session has its parent's client certificate: programs tell it of the parent only."""
    by_port = {row["client_port"]: row for row in rows}
    for row in sorted(rows, key=lambda row: int(row["client_port"])):
        parent = by_port.get(row.get("resumed_from_port"))
        if parent and row.get("handshake") == "abbreviated" and "client_certificate" not in row:
            if said := parent.get("client_certificate"):
                row["client_certificate"] = INHERITED.get(said, said)


def _see_that_they_are_facts(facts: Row) -> None:
    if unknown := set(facts) - set(FACTS):
        raise ValueError(f"no facts: {', '.join(sorted(unknown))}")
