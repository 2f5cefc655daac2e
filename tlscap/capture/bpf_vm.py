"""The BPF machine: runs a filter program, as libpcap compiles it, over packets.

Two 32-bit registers A and X, sixteen words of memory, jumps that only go forward (McCanne and
Jacobson, "The BSD Packet Filter", 1993, §3). A program is checked when it is loaded, so that it
ends and stays inside itself; a load from outside of the packet rejects the packet. Packets matter
to it as they were captured: what a snaplen cut off is outside.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from tlscap.capture.batch import Batch

MAX_LENGTH = 65_536
"""Instructions of a program. The kernel takes 4,096; a filter of many hosts is longer, and a user wrote it."""

MEMORY = 16

LOADS = {0x00, 0x01, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x61, 0x80, 0x81, 0xB1}
STORES = {0x02, 0x03}
SUMS = {kind | source | 4 for kind in range(0x00, 0xB0, 0x10) for source in (0, 8)} - {0x8C}
JUMPS = {0x05, 0x15, 0x1D, 0x25, 0x2D, 0x35, 0x3D, 0x45, 0x4D}
RETURNS = {0x06, 0x16}
MOVES = {0x07, 0x87}

_WORD = 0xFFFF_FFFF


class Program:
    """A filter for packets of one link type. Raises ValueError if the program is none."""

    def __init__(self, instructions: Sequence[tuple[int, int, int, int]]) -> None:
        """`instructions` are (code, jump if true, jump if false, k)."""
        _check(instructions)
        self._length = len(instructions)
        self._ops = array("q", [instruction[0] for instruction in instructions])
        self._jumps_true = array("q", [instruction[1] for instruction in instructions])
        self._jumps_false = array("q", [instruction[2] for instruction in instructions])
        self._operands = array("q", [instruction[3] for instruction in instructions])
        self._memory = array("q", bytes(8 * MEMORY))

    def run(self, batch: Batch, packet: int) -> int:
        """How many bytes of the packet the program wants: 0 if it does not match."""
        data = batch.data
        at = batch.start[packet]
        end = batch.caplen[packet]
        a = x = 0
        pc = 0
        while pc < self._length:
            op = self._ops[pc]
            k = self._operands[pc]
            pc += 1
            if op == 0x15:  # jeq #k
                pc += self._jumps_true[pc - 1] if a == k else self._jumps_false[pc - 1]
            elif op == 0x28 or op == 0x48:  # ldh [k], ldh [x + k]
                if op == 0x48:
                    k += x
                if k + 2 > end:
                    return 0
                a = data[at + k]
                a = a << 8 | data[at + k + 1]
            elif op == 0x30 or op == 0x50:  # ldb [k], ldb [x + k]
                if op == 0x50:
                    k += x
                if k >= end:
                    return 0
                a = data[at + k]
            elif op == 0x20 or op == 0x40:  # ld [k], ld [x + k]
                if op == 0x40:
                    k += x
                if k + 4 > end:
                    return 0
                a = data[at + k]
                a = a << 8 | data[at + k + 1]
                a = a << 8 | data[at + k + 2]
                a = a << 8 | data[at + k + 3]
            elif op == 0xB1:  # ldx 4*([k]&0xf), the length of an IPv4 header
                if k >= end:
                    return 0
                x = (data[at + k] & 15) << 2
            elif op == 0x45:  # jset #k
                pc += self._jumps_true[pc - 1] if a & k else self._jumps_false[pc - 1]
            elif op == 0x25:  # jgt #k
                pc += self._jumps_true[pc - 1] if a > k else self._jumps_false[pc - 1]
            elif op == 0x35:  # jge #k
                pc += self._jumps_true[pc - 1] if a >= k else self._jumps_false[pc - 1]
            elif op == 0x05:  # ja k
                pc += k
            elif op == 0x06:  # ret #k
                return k
            elif op == 0x16:  # ret a
                return a
            elif op == 0x1D:  # jeq x
                pc += self._jumps_true[pc - 1] if a == x else self._jumps_false[pc - 1]
            elif op == 0x2D:  # jgt x
                pc += self._jumps_true[pc - 1] if a > x else self._jumps_false[pc - 1]
            elif op == 0x3D:  # jge x
                pc += self._jumps_true[pc - 1] if a >= x else self._jumps_false[pc - 1]
            elif op == 0x4D:  # jset x
                pc += self._jumps_true[pc - 1] if a & x else self._jumps_false[pc - 1]
            elif op == 0x00:  # ld #k
                a = k
            elif op == 0x01:  # ldx #k
                x = k
            elif op == 0x80:  # ld len
                a = batch.wirelen[packet] & _WORD
            elif op == 0x81:  # ldx len
                x = batch.wirelen[packet] & _WORD
            elif op == 0x60:  # ld M[k]
                a = self._memory[k]
            elif op == 0x61:  # ldx M[k]
                x = self._memory[k]
            elif op == 0x02:  # st M[k]
                self._memory[k] = a
            elif op == 0x03:  # stx M[k]
                self._memory[k] = x
            elif op == 0x07:  # tax
                x = a
            elif op == 0x87:  # txa
                a = x
            else:
                if op & 8:
                    k = x
                if k == 0 and (op & 0xF0 == 0x30 or op & 0xF0 == 0x90):  # divided by zero
                    return 0
                a = _alu(op & 0xF0, a, k)
        return 0


class Sieve:
    """Takes the packets that do not match out of batches; `compile` gives the program for a link type, once each."""

    def __init__(self, compile: Callable[[int], Program]) -> None:
        self._compile = compile
        self._programs: dict[int, Program] = {}
        self._program = Program([(0x06, 0, 0, 0)])  # of no link type yet
        self._linktype = -1

    def apply(self, batch: Batch) -> int:
        """Leaves in `batch` the packets that match, in their order; how many it took out."""
        before = batch.count
        kept = 0
        for i in range(batch.count):
            if batch.linktype[i] != self._linktype:
                self._program = self._program_for(batch.linktype[i])
                self._linktype = batch.linktype[i]
            if self._program.run(batch, i):
                if kept < i:
                    self._move(batch, i, kept)
                kept += 1
        batch.count = kept
        return before - kept

    def _program_for(self, linktype: int) -> Program:
        if linktype not in self._programs:
            self._programs[linktype] = self._compile(linktype)
        return self._programs[linktype]

    def _move(self, batch: Batch, i: int, to: int) -> None:
        batch.ts_ns[to] = batch.ts_ns[i]
        batch.start[to] = batch.start[i]
        batch.caplen[to] = batch.caplen[i]
        batch.wirelen[to] = batch.wirelen[i]
        batch.linktype[to] = batch.linktype[i]
        batch.frame[to] = batch.frame[i]


def _alu(op: int, a: int, b: int) -> int:
    """Sums of 32-bit words."""
    if op == 0x00:
        return (a + b) & _WORD
    if op == 0x10:
        return (a - b) & _WORD
    if op == 0x20:
        return (a * b) & _WORD
    if op == 0x30:
        return a // b
    if op == 0x40:
        return a | b
    if op == 0x50:
        return a & b
    if op == 0x60:
        return (a << b) & _WORD if b < 32 else 0
    if op == 0x70:
        return a >> b if b < 32 else 0
    if op == 0x80:
        return -a & _WORD
    if op == 0x90:
        return a % b
    return a ^ b


def _check(instructions: Sequence[tuple[int, int, int, int]]) -> None:
    """Every jump goes forward and stays inside, every instruction is known, and the last one returns."""
    length = len(instructions)
    if not 0 < length <= MAX_LENGTH or instructions[-1][0] not in RETURNS:
        raise ValueError(f"a BPF program of {length} instructions that does not end in a return")
    for i, (op, jump_true, jump_false, k) in enumerate(instructions):
        if op not in LOADS | STORES | SUMS | JUMPS | RETURNS | MOVES or not 0 <= k <= _WORD:
            raise ValueError(f"BPF instruction {i} is unknown: {op:#04x} {k}")
        farthest = k if op == 0x05 else max(jump_true, jump_false) if op in JUMPS else 0
        if farthest + i + 1 >= length and op not in RETURNS:
            raise ValueError(f"BPF instruction {i} leaves the program")
        if op in (0x02, 0x03, 0x60, 0x61) and k >= MEMORY:
            raise ValueError(f"BPF instruction {i} has no such memory")
        if op in (0x34, 0x94) and k == 0:
            raise ValueError(f"BPF instruction {i} divides by zero")
