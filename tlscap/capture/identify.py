"""What a file that is no capture looks like, for an error message that helps."""

from __future__ import annotations

CONVERT = "convert it with Wireshark's `editcap -F pcap IN OUT`"

LOOKS: list[tuple[bytes, str]] = [
    (b"snoop\0\0\0", f"a snoop capture; {CONVERT}"),
    (b"XCP\0", f"a NetXRay capture; {CONVERT}"),
    (b"GMBU", f"a Microsoft Network Monitor capture; {CONVERT}"),
    (b"TRSNIFF data", f"a Sniffer capture; {CONVERT}"),
    (b"\x1c\x00\x01\xab", f"an Ixia capture; {CONVERT}"),
    (b"\x1c\x00\x01\xac", f"an Ixia capture; {CONVERT}"),
    (b"\xab\x01\x00\x1c", f"an Ixia capture; {CONVERT}"),
    (b"\xac\x01\x00\x1c", f"an Ixia capture; {CONVERT}"),
    (b"\xa1\xb2\x34\xcd", f"a pcap of a variant that nobody reads any more; {CONVERT}"),
    (b"\xcd\x34\xb2\xa1", f"a pcap of a variant that nobody reads any more; {CONVERT}"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (b"\x1f\x8b", "gzip inside of a compressed file; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"-----BEGIN ", "a PEM file with keys or certificates"),
]


def describe(start: bytes) -> str:
    """What a file looks like that begins with `start`, or "" if it cannot be told; 512 bytes are enough."""
    for magic, what in LOOKS:
        if start.startswith(magic):
            return what
    if start[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    if start and not start.strip(b"\0"):
        return "nothing but zero bytes"
    if start[:1] in (b"{", b"["):
        return "JSON"
    if start[:1] == b"<":
        return "XML or HTML"
    if _is_text(start):
        return "text; a capture is what `tcpdump -w FILE` writes"
    return ""


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:  # not just a character that the end cuts
            return False
        text = start[: error.start].decode("utf-8")
    return bool(text) and all(c.isprintable() or c in "\t\r\n\f" for c in text)
