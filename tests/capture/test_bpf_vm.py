from __future__ import annotations

import pytest

from tlscap.capture.batch import Batch
from tlscap.capture.bpf_vm import Program

LD, LDH, LDB, LDI, LDX_IMM, LDX_LEN, LD_LEN = 0x20, 0x28, 0x30, 0x00, 0x01, 0x81, 0x80
LD_IND, LDH_IND, LDB_IND, MSH, ST, STX, LD_MEM, LDX_MEM = 0x40, 0x48, 0x50, 0xB1, 0x02, 0x03, 0x60, 0x61
ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, NEG, MOD, XOR = (0x04 | i << 4 for i in range(11))
JA, JEQ, JGT, JGE, JSET = 0x05, 0x15, 0x25, 0x35, 0x45
RET, RET_A, TAX, TXA = 0x06, 0x16, 0x07, 0x87
X = 8  # with X in place of a constant

DATA = bytes(range(0xF0, 0x100)) + bytes(range(16))


def run(*instructions: tuple[int, int] | tuple[int, int, int, int], data: bytes = DATA, wirelen: int = 1500) -> int:
    """What a program returns; instructions are (code, k) or, for jumps, (code, if true, if false, k)."""
    batch = Batch(2)
    batch.data = memoryview(b"before" + data + b"behind")
    batch.count = 1
    batch.start[0], batch.caplen[0], batch.wirelen[0] = 6, len(data), wirelen
    full = [one if len(one) == 4 else (one[0], 0, 0, one[1]) for one in instructions]
    return Program(full).run(batch, 0)


def test_loads_words_in_network_order() -> None:
    assert run((LD, 0), (RET_A, 0)) == 0xF0F1F2F3
    assert run((LDH, 1), (RET_A, 0)) == 0xF1F2
    assert run((LDB, 31), (RET_A, 0)) == 15
    assert run((LDX_IMM, 4), (LD_IND, 2), (RET_A, 0)) == 0xF6F7F8F9
    assert run((LDX_IMM, 4), (LDH_IND, 2), (RET_A, 0)) == 0xF6F7
    assert run((LDX_IMM, 4), (LDB_IND, 2), (RET_A, 0)) == 0xF6
    assert run((MSH, 5), (TXA, 0), (RET_A, 0)) == 20
    assert run((LD_LEN, 0), (RET_A, 0)) == 1500
    assert run((LDX_LEN, 0), (TXA, 0), (RET_A, 0)) == 1500


@pytest.mark.parametrize(("load", "width"), [(LD, 4), (LDH, 2), (LDB, 1)])
def test_a_load_that_leaves_the_packet_rejects_it(load: int, width: int) -> None:
    indexed = {LD: LD_IND, LDH: LDH_IND, LDB: LDB_IND}[load]
    last = len(DATA) - width
    assert run((load, last), (RET, 7)) == 7
    assert run((load, last + 1), (RET, 7)) == 0
    assert run((load, 0xFFFF_FFFF), (RET, 7)) == 0
    assert run((LDX_IMM, last), (indexed, 0), (RET, 7)) == 7
    assert run((LDX_IMM, last), (indexed, 1), (RET, 7)) == 0
    assert run((LDX_IMM, 0xFFFF_FFFF), (indexed, 0xFFFF_FFFF), (RET, 7)) == 0
    assert run((MSH, len(DATA)), (RET, 7)) == 0


@pytest.mark.parametrize(
    ("operation", "a", "b", "result"),
    [
        (ADD, 0xFFFF_FFFF, 2, 1),
        (SUB, 1, 2, 0xFFFF_FFFF),
        (MUL, 0xFFFF_FFFF, 0xFFFF_FFFF, 1),
        (DIV, 0xFFFF_FFFF, 16, 0x0FFF_FFFF),
        (MOD, 0xFFFF_FFFF, 16, 15),
        (OR, 0xF0, 0x0F, 0xFF),
        (AND, 0xF0, 0x3F, 0x30),
        (XOR, 0xF0, 0xFF, 0x0F),
        (LSH, 0x8000_0001, 1, 2),
        (LSH, 1, 32, 0),
        (RSH, 0x8000_0000, 31, 1),
        (RSH, 0x8000_0000, 32, 0),
    ],
)
def test_sums_are_those_of_32_bit_words(operation: int, a: int, b: int, result: int) -> None:
    assert run((LDI, a), (operation, b), (RET_A, 0)) == result
    assert run((LDX_IMM, b), (LDI, a), (operation | X, 0), (RET_A, 0)) == result


def test_the_negative_of_a_word_is_a_word() -> None:
    assert run((LDI, 1), (NEG, 0), (RET_A, 0)) == 0xFFFF_FFFF
    assert run((LDI, 0), (NEG, 0), (RET_A, 0)) == 0


def test_a_division_by_zero_rejects_the_packet() -> None:
    for operation in (DIV, MOD):
        assert run((LDX_IMM, 0), (LDI, 5), (operation | X, 0), (RET, 7)) == 0


@pytest.mark.parametrize(
    ("jump", "a", "k", "taken"),
    [
        (JEQ, 5, 5, True),
        (JEQ, 5, 6, False),
        (JGT, 0xFFFF_FFFF, 0x7FFF_FFFF, True),
        (JGT, 5, 5, False),
        (JGE, 5, 5, True),
        (JGE, 4, 5, False),
        (JSET, 6, 3, True),
        (JSET, 4, 3, False),
    ],
)
def test_jumps_compare_unsigned_words(jump: int, a: int, k: int, taken: bool) -> None:
    ends = ((RET, 1), (RET, 2))
    assert run((LDI, a), (jump, 1, 0, k), *ends) == (2 if taken else 1)
    assert run((LDX_IMM, k), (LDI, a), (jump | X, 1, 0, 0), *ends) == (2 if taken else 1)


def test_memory_keeps_words() -> None:
    assert run((LDI, 77), (ST, 15), (LDI, 0), (LD_MEM, 15), (RET_A, 0)) == 77
    assert run((LDX_IMM, 78), (STX, 0), (LDX_IMM, 0), (LDX_MEM, 0), (TXA, 0), (RET_A, 0)) == 78
    assert run((LDI, 9), (TAX, 0), (LDI, 0), (TXA, 0), (RET_A, 0)) == 9


def test_an_unconditional_jump_goes_as_far_as_it_says() -> None:
    assert run((JA, 2), (RET, 1), (RET, 2), (RET, 3)) == 3


@pytest.mark.parametrize(
    "instructions",
    [
        [],
        [(LDI, 0, 0, 1)],
        [(0xFF, 0, 0, 0), (RET, 0, 0, 0)],
        [(NEG | X, 0, 0, 0), (RET, 0, 0, 0)],
        [(JEQ, 1, 0, 0), (RET, 0, 0, 0)],
        [(JEQ, 0, 255, 0), (RET, 0, 0, 0)],
        [(JA, 0, 0, 1), (RET, 0, 0, 0)],
        [(JA, 0, 0, 0xFFFF_FFFF), (RET, 0, 0, 0)],
        [(ST, 0, 0, 16), (RET, 0, 0, 0)],
        [(LD_MEM, 0, 0, 0xFFFF_FFFF), (RET, 0, 0, 0)],
        [(DIV, 0, 0, 0), (RET, 0, 0, 0)],
        [(LDI, 0, 0, -1), (RET, 0, 0, 0)],
        [(LDI, 0, 0, 1 << 32), (RET, 0, 0, 0)],
        [(LDI, 0, 0, 1)] * 65_536 + [(RET, 0, 0, 0)],
    ],
)
def test_a_program_that_could_leave_itself_is_refused(instructions: list[tuple[int, int, int, int]]) -> None:
    with pytest.raises(ValueError, match="BPF"):
        Program(instructions)
