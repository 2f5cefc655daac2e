"""What goes wrong with what stands beside the packets."""

from __future__ import annotations


class KeylogError(Exception):
    """A key log cannot be read; the message is one line."""
