"""What text from the wire must be when it is shown."""

from __future__ import annotations

import unicodedata

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Controls, formats that reorder text, surrogates, what each font shows as it likes, line breaks."""


def is_safe(text: str | None) -> bool:
    """Whether `text`, if there is any, is one line of characters that show themselves."""
    return text is None or text.isprintable() or not any(unicodedata.category(one) in UNSAFE for one in text)
