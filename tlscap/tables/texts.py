"""What the keys of dictionary-encoded columns read as; asked once for each distinct key of a run."""

from __future__ import annotations

from collections.abc import Callable
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Any

_TRANSPORTS = {6: "tcp", 17: "udp"}


def address_text(address: bytes) -> str | None:
    """An IPv4 or IPv6 address as text (RFC 5952); None for anything else."""
    if len(address) == 4:
        return inet_ntop(AF_INET, address)
    return inet_ntop(AF_INET6, address) if len(address) == 16 else None


def key_texts() -> dict[str, Callable[[Any], str | None]]:
    """For each column of `connections` whose keys are not text themselves the function that makes it."""
    from tlscap.registry import cipher_suite_name, group_name, version_name

    return {
        "client_ip": address_text,
        "server_ip": address_text,
        "proxied_client_ip": address_text,
        "transport": lambda protocol: _TRANSPORTS.get(protocol, str(protocol)),
        "client_version": version_name,
        "cipher": cipher_suite_name,
        "group": group_name,
    }
