#!/usr/bin/env python3
"""Makes the sample captures: `make.py [NAME...]`, all of them without a name, `make.py --list` to see the names.

Each is a scenario of the lab (docs/lab.md), and leaves `NAME.pcap`, `NAME.truth.json`, for some `NAME.keys`, and its
part of README.md. Needs root, for network namespaces, and the Debian packages that `tlscap lab list` says are lacking.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlscap.lab.run import RunError, run
from tlscap.lab.scenario import find_scenario

HERE = Path(__file__).parent
KEYS_LIMIT = 40_000
"""A key log is kept beside its capture if it has at most this many bytes."""


@dataclass(frozen=True)
class Sample:
    """A scenario, its settings, and where it was captured: nowhere named means its only point."""

    scenario: str
    settings: dict[str, str] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    keys: bool = True
    """Whether its key log fits: not where handshakes broke off, a hop changed them, or the capture lacks some."""


AS_THEY_ARE = (
    "cert-rotated", "closes", "edges", "handshake-failures", "haproxy-reload", "incidents", "silence",
    "versions",
)  # fmt: skip
SAMPLES = {
    **{name: Sample(name) for name in AS_THEY_ARE},
    **{
        name: Sample(name, {"rounds": "2"})
        for name in (f"haproxy-mtls-{kind}" for kind in ("resumption-off", "session-ids", "tickets", "tls13"))
    },
    "capture-loss": Sample("capture-loss", {"clients": "4"}, keys=False),
    "handshake-timeout": Sample("handshake-timeout", keys=False),
    "healthy-busy": Sample("healthy", {"visits": "300", "load_s": "24"}),
    "idle-timeout-middlebox": Sample("idle-timeout-middlebox", points=("clients", "servers")),
    "idle-timeout-reset": Sample("idle-timeout-middlebox", {"how": "reset"}, ("clients", "servers")),
    "middlebox-rewrites": Sample("middlebox-rewrites", points=("clients", "servers"), keys=False),
    "mtu-blackhole": Sample("mtu-blackhole", points=("clients",)),
    "odd-node": Sample("odd-node", points=("servers",)),
    "packet-loss": Sample("packet-loss", {"clients": "4"}, ("servers",)),
    "renegotiation-ok": Sample("reneg-ok"),
    "renegotiation-refused": Sample("reneg-refused"),
    "ticket-keys-not-shared": Sample("ticket-keys-not-shared"),
}
"""Of a sample with several points each has its own files, NAME-POINT. On `healthy-busy` the budget of instructions is
measured (bench/budget.toml): who keeps another one runs `bench/instructions.py --set`."""

Row = dict[str, Any]
ENDS = ("client", "server", "points", "disputed", "at")
"""What is left out of a sample's rows: each end's own words, and where it passed."""
COUNTED = ("version", "handshake", "resumption", "client_certificate", "outcome", "closed_by", "handshake_outcome")
SUMMED = ("renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed", "dropped")


def main(names: list[str]) -> int:
    if names == ["--list"] or (unknown := [name for name in names if name not in SAMPLES]):
        print("\n".join(SAMPLES) if names == ["--list"] else f"no such sample: {unknown[0]}")
        return 0 if names == ["--list"] else 2
    for name in names or SAMPLES:
        print(name, flush=True)
        with tempfile.TemporaryDirectory(prefix="tlscap-sample-") as work:
            try:
                make(name, Path(work) / name)
            except RunError as error:
                print(error, file=sys.stderr)
                return 1
    (HERE / "README.md").write_text(readme())
    return 0


def make(name: str, directory: Path) -> None:
    """Plays the sample's scenario into `directory`, and keeps its captures, keys and truth."""
    sample = SAMPLES[name]
    run(sample.scenario, find_scenario(sample.scenario), directory, sample.settings)
    about = json.loads((directory / "run.json").read_text())
    points = sample.points or about["points"]
    for point in points:
        keep(f"{name}-{point}" if len(points) > 1 else name, directory, point, about, sample)


def keep(name: str, directory: Path, point: str, about: Row, sample: Sample) -> None:
    """What one point captured, with the connections that passed it."""
    rows = [json.loads(line) for line in (directory / "truth.jsonl").read_text().splitlines()]
    rows = [row | row.get("at", {}).get(point, {}) for row in rows if point in row["points"]]
    (HERE / f"{name}.pcap").write_bytes((directory / f"capture-{point}.pcap").read_bytes())
    settings = [f"--set {key}={value}" for key, value in sample.settings.items()]
    made_by = " ".join(["tlscap lab run", sample.scenario, *settings])
    where = f" Captured at {point}." if len(about["points"]) > 1 else ""
    (HERE / f"{name}.truth.json").write_text(truth(made_by, {**about, "shows": about["shows"] + where}, rows))
    keys = directory / "keys.txt"
    if sample.keys and keys.stat().st_size <= KEYS_LIMIT:
        (HERE / f"{name}.keys").write_bytes(keys.read_bytes())


def truth(made_by: str, about: Row, rows: list[Row]) -> str:
    """A sample's truth: what it shows, how it was made, what was counted, and a row a connection."""
    head = {"shows": about["shows"], "made_by": made_by, "programs": about["programs"], "counts": counts(rows)}
    kept = [{key: value for key, value in row.items() if key not in ENDS} | _more(row) for row in rows]
    lines = ",\n  ".join(map(json.dumps, kept))
    return f'{json.dumps(head, indent=1)[:-2]},\n "connections": [\n  {lines}\n ]\n}}\n'


def counts(rows: list[Row]) -> dict[str, int]:
    """How many of what: `handshake=abbreviated` and the like, sums of numbers, and HAProxy's answers by status."""
    found = Counter(f"{key}={row[key]}" for key in COUNTED for row in rows if row.get(key) is not None)
    sums = {key: sum(row.get(key) or 0 for row in rows) for key in SUMMED}
    logged = [line for row in rows for line in row.get("server", {}).get("haproxy", ())]
    statuses = Counter(f"haproxy_status_{line['status']}" for line in logged)
    return {
        "connections": len(rows),
        **dict(sorted(found.items())),
        **{key: number for key, number in sums.items() if number},
        **dict(sorted(statuses.items())),
    }


def readme() -> str:
    """The page about the samples: what each shows and how many of what are in it, from the truths."""
    parts = [(HERE / "README.in.md").read_text()]
    for path in sorted(HERE.glob("*.truth.json")):
        about = json.loads(path.read_text())
        name = path.name.removesuffix(".truth.json")
        parts.append(f"**{name}.pcap** (`{about['made_by']}`): {about['shows']}\n{counted(about['counts'])}.\n")
    return "\n".join(parts)


def counted(numbers: dict[str, int]) -> str:
    """`27 connections; closed_by: 26 client, 1 server` from the keys `connections`, `closed_by=client`, …"""
    groups: dict[str, list[str]] = {}
    for key, number in numbers.items():
        fact, _, value = key.partition("=")
        groups.setdefault(fact, []).append(f"{number} {value}".strip())
    plain = {"connections": f"{numbers['connections']} connections"}
    return "; ".join(plain.get(fact, f"{fact}: {', '.join(values)}") for fact, values in groups.items())


def _more(row: Row) -> Row:
    """Who was the client, and the renegotiations that an end traced."""
    ends = [row[end] for end in ("client", "server") if end in row]
    ledgers = [end["ledger"] for end in ends if end.get("ledger")]
    program = {"program": row["client"]["program"]} if row.get("client") else {}
    return program | ({"ledger": ledgers[0]} if ledgers else {})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
