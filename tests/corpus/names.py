"""Distinguished names of different tools, brought to what they have in common."""

from __future__ import annotations

import re

_ATTRIBUTE = re.compile(r"(?:^|(?<!\\)[,+]\s*)(CN|C|ST|L|O|OU)=")


def attributes(name: str) -> set[tuple[str, str]]:
    """The usual attributes of a distinguished name, whatever its order, separators and escapes."""
    parts = _ATTRIBUTE.split(name)[1:]
    values = (re.sub(r",\s*[\w.]+=.*$", "", value) for value in parts[1::2])
    return {(key, re.sub(r"\\+(.)", r"\1", value).strip()) for key, value in zip(parts[::2], values, strict=True)}


def common_names(name: str) -> set[str]:
    """The CNs in small letters."""
    return {value.lower() for key, value in attributes(name) if key == "CN"}
