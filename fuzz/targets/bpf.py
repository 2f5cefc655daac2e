"""The BPF machine: a byte with the number of instructions, eight bytes each, and a packet behind."""

from __future__ import annotations

import struct

from tlscap.capture.batch import Batch
from tlscap.capture.bpf_vm import Program

_BEFORE, _BEHIND = b"\xaa" * 16, b"\x55" * 64


def run(data: bytes) -> None:
    count = data[0] if data else 0
    code, packet = data[1 : 1 + 8 * count], data[1 + 8 * count :]
    instructions = list(struct.iter_unpack("<HBBI", code[: len(code) // 8 * 8]))
    try:
        program = Program(instructions)
    except ValueError as error:
        assert "\n" not in str(error)
        return
    wanted = program.run(_batch(packet, b"", b""), 0)
    assert 0 <= wanted <= 0xFFFF_FFFF
    again = Program(instructions).run(_batch(packet, _BEFORE, _BEHIND), 0)
    assert again == wanted, "what lies beside the packet is no part of it"


def _batch(packet: bytes, before: bytes, behind: bytes) -> Batch:
    batch = Batch(1)
    batch.data = memoryview(before + packet + behind)
    batch.count = 1
    batch.start[0], batch.caplen[0], batch.wirelen[0] = len(before), len(packet), len(packet)
    return batch
