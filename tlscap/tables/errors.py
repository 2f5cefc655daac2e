"""What goes wrong with tables without being our fault."""

from __future__ import annotations


class TablesError(Exception):
    """The tables cannot be written; one line that says what to do."""
