"""Real conversations without a capture: openssl's client and server speak through a relay that notes their bytes."""

from __future__ import annotations

import select
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.playbook import CLIENT, SERVER, Play, Seen, Step, watch
from tlscap.context.keylog import KeylogFile
from tlscap.engine.decryption.keys import Keys

QUIET_S = 0.15
"""A conversation's next line is typed when nobody has said anything for so long."""

PATIENCE_S = 20.0
"""For programs to start and to end, on a machine that is doing other things."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who said what, and the client's key log."""

    steps: list[Step]
    keylog: Path

    def keys(self) -> Keys:
        keys = Keys()
        assert KeylogFile(str(self.keylog)).read(keys) == []
        return keys

    def watched(self, keys: Keys | None = None) -> Seen:
        """What tlscap makes of it with these keys, or with the key log."""
        return watch(self.play().packets, keys=self.keys() if keys is None else keys)

    def play(self) -> Play:
        return Play().open().speak(self.steps).close(CLIENT)


class Relay:
    """A port of ours that passes everything on to `target`, once."""

    def __init__(self, target: int) -> None:
        self.steps: list[Step] = []
        self.last_s = time.monotonic()
        self._target = target
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait_quiet(self, said: int) -> None:
        """Until more than `said` was said, and then nothing for a while."""
        end = time.monotonic() + PATIENCE_S
        while (len(self.steps) == said or time.monotonic() - self.last_s < QUIET_S) and time.monotonic() < end:
            time.sleep(0.01)

    def join(self) -> None:
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        self._door.settimeout(PATIENCE_S)
        client, _ = self._door.accept()
        self._door.close()
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            open_ends = {client: CLIENT, server: SERVER}
            while open_ends:
                for end in select.select(list(open_ends), [], [], PATIENCE_S)[0]:
                    try:
                        data = end.recv(1 << 16)
                    except ConnectionResetError:
                        return
                    if not data:
                        return
                    self.last_s = time.monotonic()
                    self.steps.append((open_ends[end], data))
                    (server if end is client else client).sendall(data)


def speak(
    folder: Path, server: Sequence[str], client: Sequence[str], lines: Iterable[str], certificate: tuple[Path, Path]
) -> Spoken:
    """`openssl s_server` and `s_client` with these options; the lines are typed into the client, with pauses.

    The server answers a line by the line reversed; `R` renegotiates, `K` updates keys, `Q` ends.
    """
    port = _free_port()
    cert, key = certificate
    keylog = folder / "keys.txt"
    listening = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-key", key, "-rev", *server],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert listening.stdout is not None
        while b"ACCEPT" not in (line := listening.stdout.readline()):
            assert line, "openssl s_server does not know these options"
        relay = Relay(port)
        talking = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{relay.port}", "-keylogfile", keylog, *client],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert talking.stdin is not None
        said = 0
        for line in lines:
            relay.wait_quiet(said)
            said = len(relay.steps)
            talking.stdin.write(f"{line}\n".encode())
            talking.stdin.flush()
        talking.stdin.close()
        talking.wait(PATIENCE_S)
        relay.join()
    finally:
        listening.kill()
        listening.wait()
    return Spoken(relay.steps, keylog)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
