#!/usr/bin/env python3
"""Makes the sample captures: `make.py [NAME...]`, all of them without a name, `make.py --list` to see the names.

Each is played in namespaces of its own (see stage.py) that end with it, and leaves `NAME.pcap`, `NAME.truth.json`,
for some `NAME.keys`, and its part of README.md. Needs root (or CAP_SYS_ADMIN and CAP_NET_RAW) and the Debian packages
tcpdump, openssl, haproxy, nginx-light, gnutls-bin, iproute2, ethtool.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import closes
import handshake_failures
import haproxy_mtls
import healthy_busy
import incidents
import renegotiation
import versions
from stage import Stage
from truth import Truth

HERE = Path(__file__).parent
NAMESPACES = ("setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
"""The kernel kills `unshare` when this process dies, and with it all that the sample started."""
MODULES = (haproxy_mtls, incidents, renegotiation, handshake_failures, closes, versions, healthy_busy)
SAMPLES: dict[str, tuple[str, Callable[[Stage, Path], Truth]]] = {
    name: (f"{module.__name__}.py", play) for module in MODULES for name, play in module.SAMPLES.items()
}
KEYS_LIMIT = 40_000
"""A key log is kept beside its capture if it has at most this many bytes."""


def main(names: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if names[:1] == ["--inside"]:
        play(names[1], Path(names[2]), loopback=names[3] == "loopback")
        return 0
    if names == ["--list"] or (unknown := [name for name in names if name not in SAMPLES]):
        print("\n".join(SAMPLES) if names == ["--list"] else f"no such sample: {unknown[0]}")
        return 0 if names == ["--list"] else 2
    caged = subprocess.run([*NAMESPACES, "true"], stderr=subprocess.DEVNULL).returncode == 0
    if not caged:
        print("no privilege for namespaces: on loopback, with its large segments", file=sys.stderr)
    for name in names or SAMPLES:
        print(name, flush=True)
        with tempfile.TemporaryDirectory(prefix="tlscap-sample-") as work:
            inside = [sys.executable, __file__, "--inside", name, work, "cage" if caged else "loopback"]
            subprocess.run([*NAMESPACES, *inside] if caged else inside, check=True)
    (HERE / "README.md").write_text(readme())
    return 0


def play(name: str, work: Path, *, loopback: bool) -> None:
    """Makes one sample, in the namespaces that this process is already in."""
    script, scene = SAMPLES[name]
    with Stage(work, loopback) as stage:
        truth = scene(stage, work / "capture.pcap")
    shows = " ".join((scene.__doc__ or "").split())
    (HERE / f"{name}.pcap").write_bytes((work / "capture.pcap").read_bytes())
    truth.write(HERE / f"{name}.truth.json", shows, script)
    if stage.keylog.exists() and stage.keylog.stat().st_size <= KEYS_LIMIT:
        (HERE / f"{name}.keys").write_bytes(stage.keylog.read_bytes())


def readme() -> str:
    """The page about the samples: what each shows and how many of what are in it, from the truths."""
    parts = [(HERE / "README.in.md").read_text()]
    for path in sorted(HERE.glob("*.truth.json")):
        truth = json.loads(path.read_text())
        name = path.name.removesuffix(".truth.json")
        parts.append(f"**{name}.pcap** ({truth['made_by']}): {truth['shows']}\n{counted(truth['counts'])}.\n")
    return "\n".join(parts)


def counted(counts: dict[str, int]) -> str:
    """`27 connections; closed_by: 26 client, 1 server` from the keys `connections`, `closed_by=client`, …"""
    groups: dict[str, list[str]] = {}
    for key, number in counts.items():
        fact, _, value = key.partition("=")
        groups.setdefault(fact, []).append(f"{number} {value}".strip())
    plain = {"connections": f"{counts['connections']} connections"}
    return "; ".join(plain.get(fact, f"{fact}: {', '.join(values)}") for fact, values in groups.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
