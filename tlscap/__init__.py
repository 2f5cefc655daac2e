"""tlscap tells from packet captures how every TLS session was negotiated, renegotiated, resumed and ended.

    capture → engine (frame → flow → stream → record → handshake → facts) → judge → tables → findings → report

A stage knows the stages before it and none after it. What puts them together is what is public: `analyze` for
captures (offline.py), `Analyzer` for whoever has packets of their own, `Analysis` for what both give.

These names are loaded when they are first used, so that `import tlscap` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tlscap.analysis import Analysis
    from tlscap.analyzer import Analyzer
    from tlscap.findings.finding import Finding
    from tlscap.offline import analyze

__version__ = "0.1.0"

__all__ = ["Analysis", "Analyzer", "Finding", "__version__", "analyze"]

_HOMES = {
    "Analysis": "tlscap.analysis",
    "Analyzer": "tlscap.analyzer",
    "analyze": "tlscap.offline",
    "Finding": "tlscap.findings.finding",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tlscap' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
