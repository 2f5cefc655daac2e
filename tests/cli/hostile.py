"""A capture whose every text was written to hurt whoever reads of it."""

from __future__ import annotations

import unicodedata

from capture.written import Packet, enhanced, interface, option, section
from engine.hellos import alpn, client_hello, server_hello, server_name
from engine.playbook import CLIENT, SERVER, Ends, Play
from tables import ders

NASTY = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "=cmd|'/C calc'!A0",
    "+1+cmd",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "line\nbreak\r\nagain",
    "\x9b31m C1",
    "\u202egpj.exe",
    "\u2028\u2029\ufeff",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>&lt;",
    "$\\frac{$ %s {} \\x",
    "\"quoted\",'so'",
    "x" * 900,
)

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Controls, formats that reorder text, surrogates, private characters, line breaks."""

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet begins a formula with; the last four are the first's full-width twins."""

FILE = "\x1b[31m$\\frac{=cmd<b>.pcapng"
"""A file's name may hold anything but NUL and a slash."""


def unsafe(text: str, allowed: str = "\n") -> set[str]:
    """The characters of `text` that do more than show themselves."""
    return {one for one in text if one not in allowed and unicodedata.category(one) in UNSAFE}


def capture() -> bytes:
    """A pcapng of a connection for each text: refused, dropped, or well."""
    blocks = [section(options=option(1, NASTY[0].encode()) + option(4, NASTY[1].encode())), interface()]
    for number, text in enumerate(NASTY):
        for packet in _connection(number, text):
            comment = option(1, text.encode()) + option(0, b"")
            blocks.append(enhanced(packet, options=comment))
    return b"".join(blocks)


def _connection(number: int, text: str) -> list[Packet]:
    raw = text.encode()
    play = Play(Ends(client_port=40_000 + number, server=f"192.0.2.{number}"), mss=1400, ns=10**18 + number * 10**9)
    hello = client_hello(extensions=[server_name(raw), alpn(raw[:200], b"=h2")])
    play.open().send(CLIENT, _message(1, hello))
    name = ders.name(ders.attribute("CN", text), ders.attribute("O", text), ders.attribute("strange", raw))
    also = ders.alternative_names(ders.tlv(0x82, raw), ders.tlv(0x86, raw), ders.tlv(0xA4, name))
    chain = ders.certificate(subject=name, issuer=name, extensions=[also])
    certificates = len(chain).to_bytes(3) + chain
    answer = _message(2, server_hello([alpn(raw[:200])])) + _message(11, len(certificates).to_bytes(3) + certificates)
    play.send(SERVER, answer)
    if number % 2:
        play.send(CLIENT, b"\x15\x03\x03\0\x02\x02\x2a").rst(CLIENT)
    else:
        play.send(SERVER, _message(14, b"")).send(CLIENT, _message(16, bytes(66)) + _changed())
        play.send(SERVER, _changed()).send(CLIENT, _record(23, bytes(60))).send(SERVER, _record(23, bytes(90)))
        play.send(CLIENT, _record(22, bytes(len(hello) + 40))).send(SERVER, _record(21, bytes(26))).rst(SERVER)
    return [Packet(one.ns, one.frame(), len(one.frame()), 1, 0) for one in play.packets]


def _changed() -> bytes:
    return _record(20, b"\x01") + _record(22, bytes(40))


def _message(kind: int, body: bytes) -> bytes:
    return _record(22, bytes((kind,)) + len(body).to_bytes(3) + body)


def _record(kind: int, content: bytes) -> bytes:
    return bytes((kind, 3, 3)) + len(content).to_bytes(2) + content
