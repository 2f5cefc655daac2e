"""How usual a step is on this connection: its cipher suite needs some messages, and habits last."""

from __future__ import annotations

from tlscap.engine.events import SERVER
from tlscap.judge.inference import grammar as g
from tlscap.judge.inference.measure import Measure


def habit(measure: Measure, place: str, step: g.Step) -> float:
    """How much more or less usual a step is after this first handshake."""
    if not measure.suite:
        return 1.0
    ephemeral = "DHE" in measure.suite or "_anon" in measure.suite or "SRP" in measure.suite
    optional = "PSK" in measure.suite and not ephemeral
    had = measure.length(SERVER, step.kind) is not None
    if step.kind == g.SERVER_KEY_EXCHANGE:
        return 1.0 if ephemeral or optional or had else 0.03
    if (
        place in (g.CERTIFIED, g.STAPLED, g.ANSWERED)
        and ephemeral
        and step.kind
        in (
            g.SERVER_HELLO_DONE,
            g.CERTIFICATE_REQUEST,
        )
    ):
        return 0.03
    if step.kind == g.CERTIFICATE and step.side == SERVER and measure.full:
        return 1.0 if had else 0.05
    if step.kind == g.NEW_SESSION_TICKET and measure.full:
        return 1.5 if had else 0.2
    if step.kind == g.CERTIFICATE_STATUS:
        return 10.0 if had else 0.2
    if step.kind == g.CERTIFICATE_REQUEST:
        return 2.0 if had else 0.7
    return 1.0
