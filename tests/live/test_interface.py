"""Packets of loopback, as they were sent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tlscap.capture import CaptureError
from tlscap.capture.interface import Interface

pytestmark = pytest.mark.usefixtures("privilege")

ETHERNET = 1


def within(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def sent_over(port: int, payload: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(payload, ("127.0.0.1", port))


def test_gives_each_packet_once_with_its_time_and_number() -> None:
    payloads = [b"tlscap %d" % n for n in range(5)]
    began = time.time_ns()
    seen = []
    with Interface("lo", "udp port 47999", stop=within(1.5)) as interface:
        for payload in payloads:
            sent_over(47999, payload)
        for batch in interface:
            for i in range(batch.count):
                start = batch.start[i]
                seen.append((batch.frame[i], bytes(batch.data[start + 42 : start + batch.caplen[i]])))
                assert batch.linktype[i] == ETHERNET
                assert began <= batch.ts_ns[i] <= time.time_ns()
                assert batch.wirelen[i] == batch.caplen[i]
    assert seen == list(enumerate(payloads, 1))
    file = interface.files[0]
    assert (file.path, file.packets, file.kernel_dropped) == ("lo", 5, 0)


def test_hands_over_empty_batches_when_nothing_comes() -> None:
    with Interface("lo", "udp port 47998", stop=within(1.2)) as interface:
        assert [batch.count for batch in interface].count(0) >= 3


def test_names_the_interfaces_when_one_is_not_there() -> None:
    with pytest.raises(CaptureError, match=r"^no interface nope0; there are .*\blo\b"):
        Interface("nope0", stop=within(1))


def test_says_what_is_wrong_with_a_filter() -> None:
    with pytest.raises(CaptureError, match="port port") as failure:
        Interface("lo", "port port", stop=within(1))
    assert "\n" not in str(failure.value)


_LISTEN = """
import time
from tlscap.capture.interface import Interface
end = time.monotonic() + 3
with Interface("v0", stop=lambda: time.monotonic() > end) as interface:
    for batch in interface:
        for i in range(batch.count):
            start = batch.start[i]
            print(bytes(batch.data[start:start + 20]).hex(), batch.caplen[i], batch.wirelen[i])
"""

_SEND = """
import socket, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("v1", 0))
time.sleep(2)
out.send(bytes.fromhex("020000000001020000000002" "81000005" "88b5") + b"x" * 46)
"""

_LINKS = "ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up"


def test_puts_vlan_tags_back_that_the_kernel_took_out() -> None:
    script = f'{_LINKS} && ("$0" -c "$SEND" & "$0" -c "$LISTEN"; wait)'
    result = subprocess.run(
        ["unshare", "-n", "sh", "-c", script, sys.executable],
        env={**os.environ, "SEND": _SEND, "LISTEN": _LISTEN},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "Operation not permitted" in result.stderr:
        pytest.skip("no network namespaces here")
    lines = [line.split() for line in result.stdout.splitlines()]
    tagged = [line for line in lines if line[0].startswith("020000000001020000000002")]
    assert tagged == [["0200000000010200000000028100000588b57878", "64", "64"]], result.stderr
