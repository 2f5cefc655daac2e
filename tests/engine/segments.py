"""What tshark says is in every frame of a capture: the innermost TCP segment or UDP datagram.

A row is transport, source, source port, destination, destination port, TCP's sequence number and
the length of the payload on the wire (None where tshark does not say).
"""

from __future__ import annotations

import subprocess
from ipaddress import ip_address
from pathlib import Path

Row = tuple[str, str, int, str, int, int | None, int | None]

FIELDS = (
    *("frame.number", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport"),
    *("tcp.seq_raw", "tcp.len", "udp.srcport", "udp.dstport", "udp.length"),
)

QUOTING = {"icmp", "icmpv6"}
"""What follows these is a packet that was lost, or refused: quoted, not sent."""

DECRYPTED = {"wg", "esp", "dtls"}
"""What follows these tshark decrypted, or took for a protocol inside the datagram."""


def read_segments(capture: Path) -> dict[int, Row | None]:
    """A row for every frame, None where tshark found neither TCP nor UDP."""
    columns = [argument for name in FIELDS for argument in ("-e", name)]
    # Each layer's address by its occurrence; segments as they are, without what tshark makes of streams.
    options = ["-o", "tcp.desegment_tcp_streams:FALSE", "-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE"]
    command = ["tshark", "-n", "-r", str(capture), *options, "-T", "fields", "-E", "occurrence=a", *columns]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = (line.split("\t") for line in output.splitlines())
    return {int(cells[0]): _row(cells) for cells in rows if len(cells) == len(FIELDS)}


def _row(cells: list[str]) -> Row | None:
    layers = cells[1].split(":")
    networks = {"ip": [0, *cells[2:4]], "ipv6": [0, *cells[4:6]]}
    place = {"ip": -1, "ipv6": -1, "tcp": -1, "udp": -1}
    network = ""
    found: Row | None = None
    for layer in layers:
        if layer in QUOTING or layer in DECRYPTED:
            break
        if layer in place:
            place[layer] += 1
        if layer in networks:
            network, found = layer, None
        elif layer in ("tcp", "udp"):
            src, dst = (_at(str(cell), place[network]) for cell in networks[network][1:])
            first = 6 if layer == "tcp" else 10
            ports = [_number(_at(cells[first + i], place[layer])) for i in range(2)]
            if ports[0] is None or ports[1] is None:
                continue
            seq = _number(_at(cells[8], place["tcp"])) if layer == "tcp" else None
            length = _number(_at(cells[9 if layer == "tcp" else 12], place[layer]))
            if layer == "udp" and length is not None:
                length -= 8
            found = (layer, _address(src), ports[0], _address(dst), ports[1], seq, length)
    return found


def _at(cell: str, place: int) -> str:
    values = cell.split(",")
    return values[place] if place < len(values) else ""


def _number(text: str) -> int | None:
    return int(text) if text else None


def _address(text: str) -> str:
    return str(ip_address(text)) if text else ""
