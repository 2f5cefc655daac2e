"""Packets of a live interface, by scapy's sniffing socket: it compiles the filter, attaches it and sets the device up.

Packets are read from that socket into the buffer of a batch without being dissected: scapy would
spend hundreds of microseconds on each.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from tlscap.capture.batch import Batch, frame_id
from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.errors import CaptureError, printable

TICK_S = 0.25
"""Without packets an empty batch comes this often, so that the consumer can act on the time."""

KERNEL_BUFFER = 32 << 20
"""Bytes that the kernel keeps for us while Python is busy; without the privilege it may grant less."""

_BUFFER = 1 << 20
_LARGEST = 0xFFFF + 32
"""A packet with offload on can be as long as an IP packet; longer ones are cut and counted as cut."""

_VLAN_TAG = 4

# From linux/if_packet.h and asm-generic/socket.h, which the module socket does not have.
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_AUXDATA = 263, 6, 8
_SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 33, 35
_STATUS_VLAN_VALID, _STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6
_AUXDATA = struct.Struct("=IIIHHHH")
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY = socket.CMSG_SPACE(_AUXDATA.size) + socket.CMSG_SPACE(_TIMESPEC.size)

_ETHERNET, _RAW = 1, 101
_LINKTYPES = {1: _ETHERNET, 772: _ETHERNET, 65534: _RAW, 519: _RAW, 768: _RAW, 776: _RAW, 778: _RAW}
"""From the kernel's device type (ARPHRD_*) to the link type of what its socket gives."""

_LOOPBACK = 772


class Interface:
    """One live interface as a capture: iterate for batches, `files[0]` has the counts.

    Ends when `stop` says so or when the interface goes away. Raises CaptureError if the interface is
    not there, if the process may not listen, or if the BPF `filter` cannot be compiled.
    """

    def __init__(self, name: str, filter: str = "", *, stop: Callable[[], bool]) -> None:
        self.files = [CaptureFile(name)]
        self._file = self.files[0]
        self._file.kernel_dropped = 0
        self._stop = stop
        self._scapy_socket = _open(name, filter)
        self._socket: socket.socket = self._scapy_socket.ins
        for option in (_SO_RCVBUFFORCE, socket.SO_RCVBUF):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, option, KERNEL_BUFFER)
                break
            except PermissionError:
                continue
        self._take_dropped()  # before the filter was there, packets overflowed that nobody asked for
        self._linktype = _linktype(name, self._socket.getsockname()[3])
        self._is_loopback = self._socket.getsockname()[3] == _LOOPBACK
        self._view = memoryview(bytearray(_BUFFER))

    def __enter__(self) -> Interface:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._socket.fileno() != -1:
            self._count_dropped()
            self._scapy_socket.close()

    def __iter__(self) -> Iterator[Batch]:
        batch = Batch()
        batch.data = self._view
        while not self._stop():
            batch.count = 0
            try:
                if select.select([self._socket], [], [], TICK_S)[0]:
                    self._fill(batch)
            except OSError as error:
                if error.errno != errno.ENETDOWN or not self._is_there():
                    self._file.note_damage(f"the interface went away: {error.strerror}")
                    return
                time.sleep(TICK_S)  # it is down; it may come up again
            if not batch.count:
                self._count_dropped()
            yield batch

    def _fill(self, batch: Batch) -> None:
        """Takes what the kernel has for us, as much as a batch and its buffer hold."""
        at = 0
        while batch.count < batch.capacity and at + _LARGEST + _VLAN_TAG <= _BUFFER:
            room = self._view[at + _VLAN_TAG : at + _VLAN_TAG + _LARGEST]
            try:
                got, ancillary, _, address = self._socket.recvmsg_into([room], _ANCILLARY, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if self._is_loopback and address[2] == socket.PACKET_OUTGOING:
                continue  # a packet on loopback is seen twice: when it leaves, and when it arrives
            at = self._add(batch, at + _VLAN_TAG, got, ancillary)

    def _add(self, batch: Batch, start: int, got: int, ancillary: list[tuple[int, int, bytes]]) -> int:
        """Notes the packet at `start` in `batch`; where the next may lie."""
        ns, wirelen, end = 0, got, start + got
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
                seconds, nanoseconds = _TIMESPEC.unpack_from(data)
                ns = seconds * 1_000_000_000 + nanoseconds
            elif level == _SOL_PACKET and kind == _PACKET_AUXDATA and len(data) >= _AUXDATA.size:
                status, wirelen, _, _, _, tci, tpid = _AUXDATA.unpack_from(data)
                if status & _STATUS_VLAN_VALID and got >= 12:
                    start = self._put_tag_back(start, tci, tpid if status & _STATUS_VLAN_TPID_VALID else 0x8100)
                    wirelen += _VLAN_TAG
        i, file = batch.count, self._file
        caplen = end - start
        batch.ts_ns[i] = ns = ns or time.time_ns()
        batch.start[i], batch.caplen[i], batch.wirelen[i] = start, caplen, wirelen
        batch.linktype[i] = self._linktype
        file.packets += 1
        batch.frame[i] = frame_id(0, file.packets)
        batch.count += 1
        file.bytes += caplen
        file.cut_by_snaplen += caplen < wirelen
        file.first_ns, file.last_ns = min(file.first_ns or ns, ns), max(file.last_ns, ns)
        file.link_types[self._linktype] = file.packets
        return end

    def _put_tag_back(self, start: int, tci: int, tpid: int) -> int:
        """The kernel hands a VLAN tag over beside the packet; on the wire it stood after both addresses."""
        view = self._view
        addresses = bytes(view[start : start + 12])
        start -= _VLAN_TAG
        view[start : start + 12] = addresses
        view[start + 12 : start + 16] = struct.pack(">HH", tpid, tci)
        return start

    def _count_dropped(self) -> None:
        self._file.kernel_dropped += self._take_dropped()

    def _take_dropped(self) -> int:
        """Packets that the kernel had no room for since the last call: reading its counters sets them back to zero."""
        _, dropped = struct.unpack("=II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        return int(dropped)

    def _is_there(self) -> bool:
        return any(name == self._file.path for _, name in socket.if_nameindex())


def _open(name: str, filter: str) -> Any:
    """scapy's listening socket, bound to the interface; its `ins` is the kernel's socket."""
    names = [known for _, known in socket.if_nameindex()]
    if name not in names:
        raise CaptureError(f"no interface {printable(name)}; there are {', '.join(names)}")
    _may_listen()
    logging.getLogger("scapy").setLevel(logging.ERROR)  # it warns of hosts without a route and the like
    from scapy.arch.linux import L2ListenSocket
    from scapy.error import Scapy_Exception

    try:
        return L2ListenSocket(iface=name, filter=filter or None)
    except Scapy_Exception as error:
        raise CaptureError(_about_filter(str(error))) from None
    except OSError as error:
        raise CaptureError(f"{printable(name)}: cannot be listened to: {error.strerror or error}") from None


def _may_listen() -> None:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        python = os.path.realpath(sys.executable)
        raise CaptureError(
            "no permission to listen: it takes the capability CAP_NET_RAW; use sudo, "
            f"or grant it to Python once: `sudo setcap cap_net_raw+ep {python}`"
        ) from None


def _about_filter(message: str) -> str:
    if "libpcap" in message and "not available" in message:
        return "a filter needs libpcap to be compiled: install it (`apt install libpcap0.8`), or leave the filter out"
    return f"{message.removeprefix('Cannot set filter: ')}; `man pcap-filter` explains filters"


def _linktype(name: str, device_type: int) -> int:
    if device_type not in _LINKTYPES:
        shown = printable(name)
        raise CaptureError(
            f"{shown}: devices of type {device_type} are not known; try `tcpdump -U -i {shown} -w - | tlscap analyze -`"
        )
    return _LINKTYPES[device_type]
