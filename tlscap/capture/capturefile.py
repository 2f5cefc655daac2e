"""What one capture file holds and lost, told while it is read."""

from __future__ import annotations

MAX_DAMAGE = 100
"""Sentences on damage kept for one file; a damaged file can have as many places as bytes."""

MAX_COMMENTS = 1000
"""Comments kept for one file; whoever wrote it could comment every packet."""

MAX_COMMENT = 4096
"""Bytes kept of a comment; it may have 65,535."""

MAX_SECRETS = 64 << 20
"""Bytes of decryption secrets kept for one file: key log lines of some 400,000 connections."""


class CaptureFile:
    """Counts of one capture file. The file index in a frame id is its index in `Capture.files`."""

    def __init__(self, path: str) -> None:
        self.path = path  # as given, "-" for standard input
        self.format = ""  # pcap or pcapng, "" while not a byte was understood
        self.compression = ""  # gzip, zstd, xz, lz4, bzip2
        self.packets = 0  # all packets read, those that a filter took out too
        self.filtered = 0  # packets that the filter took out
        self.bytes = 0  # captured bytes of packets
        self.first_ns = 0  # the earliest and the latest instant: 0 without packets
        self.last_ns = 0
        self.link_types: dict[int, int] = {}  # LINKTYPE_ value: packets
        self.kernel_dropped = -1  # what the capturing machine says that it lost; -1 if it does not say
        self.cut_by_snaplen = 0  # packets that were longer on the wire
        self.damage: list[str] = []  # one sentence a place: where the file was cut or damaged
        self.damage_count = 0  # places in all, also those over MAX_DAMAGE
        self.comments: list[tuple[int, str]] = []  # frame, or 0 for a section or interface, and the comment
        self.secrets: list[bytes] = []  # TLS key logs of pcapng decryption secrets blocks
        self._secret_bytes = 0

    def note_damage(self, sentence: str) -> None:
        self.damage_count += 1
        if len(self.damage) < MAX_DAMAGE:
            self.damage.append(sentence)

    def note_comment(self, frame: int, text: bytes) -> None:
        if len(self.comments) < MAX_COMMENTS:
            self.comments.append((frame, text[:MAX_COMMENT].decode("utf-8", "replace").rstrip("\0")))

    def note_secrets(self, keylog: bytes) -> None:
        if self._secret_bytes + len(keylog) > MAX_SECRETS:
            self.note_damage(f"decryption secrets over {MAX_SECRETS >> 20} MiB were left out")
            return
        self._secret_bytes += len(keylog)
        self.secrets.append(keylog)
