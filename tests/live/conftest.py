"""Live tests need the privilege to listen, and OpenSSL."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from live.openssl import Server, make_certificate, start_server


def _may_listen() -> bool:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        return False
    return True


@pytest.fixture(scope="session")
def privilege() -> None:
    """Skips where a test cannot listen, or has nobody to listen to."""
    if not _may_listen():
        pytest.skip("listening takes CAP_NET_RAW: run these tests as root")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[Server]:
    started = start_server(*certificate)
    yield started
    started.process.kill()
    started.process.wait()
