"""Addresses and ports as programs write them."""

from __future__ import annotations

Address = tuple[str, int]
"""An IP address and a TCP port."""


def endpoint(address: Address) -> str:
    """`10.20.2.1:443`, `[fd20:2::1]:443`."""
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
