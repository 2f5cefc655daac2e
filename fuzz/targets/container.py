"""Capture files: pcap and pcapng, compressed or not, also damaged ones."""

from __future__ import annotations

from targets.scratch import written
from tlscap.capture import CaptureError, open_capture

MOST_UNPACKED = 1100
"""What a byte of deflate can unpack to is 1,032 bytes; other compressions are slower to unpack and left out."""


def run(data: bytes) -> None:
    if data[:4] in (b"\x28\xb5\x2f\xfd", b"\xfd7zX", b"\x04\x22\x4d\x18") or data[:3] == b"BZh":
        return
    packets = octets = 0
    with written(data) as path:
        try:
            with open_capture([path]) as capture:
                for batch in capture:
                    for i in range(batch.count):
                        packets += 1
                        start, captured = batch.start[i], batch.caplen[i]
                        assert batch.frame[i] == packets
                        assert 0 <= start <= start + captured <= len(batch.data)
                        assert captured <= 262_144
                        assert 0 <= batch.ts_ns[i] < 1 << 63
                        octets += captured
        except CaptureError as error:
            assert "\n" not in str(error) and str(error).isprintable()
            return
    (file,) = capture.files
    assert (file.packets, file.bytes) == (packets, octets)
    assert sum(file.link_types.values()) == packets
    assert octets <= 2 * len(data) * (MOST_UNPACKED if file.compression else 1)
