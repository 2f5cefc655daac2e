"""Feeds tlscap from scapy's sniff, live or from a file, and tells of each drop when it happens.

python examples/feed_from_scapy.py eth0 [BPF FILTER]
python examples/feed_from_scapy.py CAPTURE.pcap
"""

from __future__ import annotations

import sys
from pathlib import Path

from scapy.all import Packet, conf, sniff

import tlscap


def analyze(source: str, filter: str = "") -> tlscap.Analysis:
    def tell(facts: object, verdict: object) -> None:
        if verdict.dropped:
            print(f"dropped: {verdict.outcome}, closed by {verdict.closed_by}")

    analyzer = tlscap.Analyzer(name=source, on_verdict=tell)

    def feed(packet: Packet) -> None:
        ns = int(packet.time * 10**9)  # scapy's times are exact decimals
        analyzer.feed(ns, packet.original, conf.l2types.layer2num[type(packet)], packet.wirelen)

    if Path(source).exists():
        sniff(offline=source, prn=feed, store=False)
    else:
        sniff(iface=source, filter=filter or None, prn=feed, store=False)  # until Ctrl-C
    return analyzer.finish()


if __name__ == "__main__":
    analysis = analyze(sys.argv[1], " ".join(sys.argv[2:]))
    print(f"{analysis.connections.num_rows} connections")
    for finding in analysis.findings:
        print(f"{finding.severity}: {finding.sentence}")
