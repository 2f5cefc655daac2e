"""What stunnel's log tells: lines as stunnel 5.68 wrote them."""

from __future__ import annotations

from tlscap.lab.stacks.stunnel import address_of, alerts, connections, facts

STAMP = "2026.11.22 22:25:53 "
SERVED = (
    "LOG7[ui]: Service [lab] accepted (FD=3) from 10.20.1.1:40001",
    "LOG5[0]: Service [lab] accepted connection from 10.20.1.1:40001",
    "LOG7[0]: TLS state (accept): before SSL initialization",
    "LOG7[0]: TLS state (accept): SSLv3/TLS read client hello",
    "LOG7[0]: TLS state (accept): SSLv3/TLS write server hello",
    "LOG7[0]: TLS state (accept): SSLv3/TLS read finished",
    "LOG7[0]: TLS state (accept): SSLv3/TLS write finished",
    "LOG6[0]: TLS accepted: new session negotiated",
    "LOG6[0]: TLSv1.2 ciphersuite: ECDHE-ECDSA-AES256-GCM-SHA384 (256-bit encryption)",
)
AGAIN = tuple(line for line in SERVED if "TLS state" in line and "before" not in line)
REFUSED = (
    "LOG7[0]: TLS state (accept): SSLv3/TLS read client hello",
    "LOG7[0]: TLS alert (write): warning: no renegotiation",
)
GOODBYE = ("LOG7[0]: TLS alert (read): warning: close notify", "LOG7[0]: TLS alert (write): warning: close notify")


def said(*lines: str) -> str:
    """What stunnel says of its first connection."""
    return connections("".join(f"{STAMP}{line}\n" for line in lines))["0"]


def test_tells_the_client_and_its_session() -> None:
    text = said(*SERVED)
    assert address_of(text) == ("10.20.1.1", 40001)
    row = facts(text, "server")
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert (row["handshake"], row["renegotiations"]) == ("full", 0)


def test_counts_renegotiations_by_how_they_went() -> None:
    row = facts(said(*SERVED, *AGAIN, *AGAIN, *REFUSED), "server")
    counts = [row[f"renegotiations{how}"] for how in ("", "_completed", "_refused", "_failed")]
    assert counts == [3, 2, 1, 0]


def test_tells_a_resumed_session() -> None:
    resumed = [line.replace("new session negotiated", "previous session reused") for line in SERVED]
    assert facts(said(*resumed), "server")["handshake"] == "abbreviated"


def test_tells_who_sent_an_alert() -> None:
    close = {"level": "warning", "description": "close_notify"}
    assert alerts(said(*SERVED, *GOODBYE), "server") == [{"sender": "client", **close}, {"sender": "server", **close}]
    assert [alert["sender"] for alert in alerts(said(*SERVED, *GOODBYE), "client")] == ["server", "client"]


def test_claims_nothing_of_a_handshake_that_was_not_done() -> None:
    assert facts(said(*SERVED[:5]), "server") == {}
    assert address_of(said("LOG7[0]: Service [lab] started")) is None
