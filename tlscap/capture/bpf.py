"""Filter expressions as tcpdump has them, compiled by libpcap for each link type that turns up."""

from __future__ import annotations

import ctypes
from functools import cache

from tlscap.capture.batch import Batch
from tlscap.capture.bpf_vm import Program, Sieve
from tlscap.capture.errors import CaptureError

LIBRARIES = ("libpcap.so.1", "libpcap.so.0.8", "libpcap.so", "libpcap.dylib")

SNAPLEN = 262_144

# Where the value in a file differs from libpcap's own (tcpdump.org/linktypes.html).
DLT_OF_LINKTYPE = {100: 11, 101: 12, 102: 15, 103: 16, 106: 19}

NETMASK_UNKNOWN = 0xFFFF_FFFF

TRIED_FIRST = (1, 276, 101, 105)  # Ethernet, Linux cooked, raw IP, 802.11: what one of them takes is no mistake


class _Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32)]


class _Compiled(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction))]


class BatchFilter:
    """Takes out of batches what does not match `expression`.

    Raises CaptureError if no link type has such a filter, and later if one that turns up has not.
    """

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._sieve = Sieve(self._program)
        refusals = [self._refusal(linktype) for linktype in TRIED_FIRST]
        if all(refusals):
            raise CaptureError(f"filter '{expression}': {refusals[0]}; see pcap-filter(7) for what can be said")

    def apply(self, batch: Batch) -> int:
        """Leaves in `batch` the packets that match; how many it took out. Frame numbers stay."""
        return self._sieve.apply(batch)

    def _program(self, linktype: int) -> Program:
        try:
            return compile_filter(self._expression, linktype)
        except ValueError as error:
            raise CaptureError(
                f"filter '{self._expression}' cannot be used on packets of link type {linktype}: {error}"
            ) from None

    def _refusal(self, linktype: int) -> str:
        try:
            compile_filter(self._expression, linktype)
        except ValueError as error:
            return str(error)
        return ""


def compile_filter(expression: str, linktype: int) -> Program:
    """The program for packets of a LINKTYPE_. Raises ValueError with libpcap's reason; CaptureError without libpcap."""
    pcap = _libpcap()
    handle = pcap.pcap_open_dead(DLT_OF_LINKTYPE.get(linktype, linktype), SNAPLEN)
    if not handle:
        raise ValueError("libpcap has no such link type")
    compiled = _Compiled()
    try:
        # What cannot be encoded, or ends early at a NUL, matches no expression.
        text = expression.encode("utf-8", "replace").replace(b"\0", b"?")
        if pcap.pcap_compile(handle, ctypes.byref(compiled), text, 1, NETMASK_UNKNOWN):
            raise ValueError(pcap.pcap_geterr(handle).decode("utf-8", "replace"))
        found = [compiled.instructions[i] for i in range(compiled.length)]
        instructions = [(one.code, one.jt, one.jf, one.k) for one in found]
        pcap.pcap_freecode(ctypes.byref(compiled))
    finally:
        pcap.pcap_close(handle)
    return Program(instructions)


@cache
def _libpcap() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            pcap = ctypes.CDLL(name)
        except OSError:
            continue
        pcap.pcap_open_dead.restype = ctypes.c_void_p
        pcap.pcap_open_dead.argtypes = [ctypes.c_int, ctypes.c_int]
        pcap.pcap_compile.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(_Compiled),
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_uint32,
        ]
        pcap.pcap_freecode.argtypes = [ctypes.POINTER(_Compiled)]
        pcap.pcap_geterr.restype = ctypes.c_char_p
        pcap.pcap_geterr.argtypes = [ctypes.c_void_p]
        pcap.pcap_close.argtypes = [ctypes.c_void_p]
        return pcap
    raise CaptureError("filters need libpcap, which is not installed: apt install libpcap0.8")
