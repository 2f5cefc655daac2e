"""Feeds tlscap from a dpkt reader: python examples/feed_from_dpkt.py CAPTURE"""

from __future__ import annotations

import sys
from pathlib import Path

import dpkt

import tlscap

# dpkt gives libpcap's DLT_ numbers, tlscap wants the LINKTYPE_ numbers of tcpdump.org: they differ for raw IP.
LINKTYPE_RAW = 101
DLT_RAW = (12, 14)


def analyze(path: Path) -> tlscap.Analysis:
    analyzer = tlscap.Analyzer(name=str(path))
    with path.open("rb") as file:
        reader = dpkt.pcap.UniversalReader(file)
        linktype = LINKTYPE_RAW if reader.datalink() in DLT_RAW else reader.datalink()
        for timestamp, frame in reader:
            analyzer.feed(round(timestamp * 1_000_000) * 1000, frame, linktype)  # dpkt's floats hold microseconds
    return analyzer.finish()


if __name__ == "__main__":
    analysis = analyze(Path(sys.argv[1]))
    print(f"{analysis.connections.num_rows} connections")
    for finding in analysis.findings:
        print(f"{finding.severity}: {finding.sentence}")
