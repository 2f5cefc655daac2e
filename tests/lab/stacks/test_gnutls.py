"""What gnutls-serv and gnutls-cli trace: excerpts as GnuTLS 3.7 wrote them."""

from __future__ import annotations

import pytest

from tlscap.lab.stacks.gnutls import alerts, connections, facts, finished, iana_suite, later, messages

FIRST = """\
|<4>| HSK[0x55fb43a26610]: CLIENT HELLO was queued [197 bytes]
|<4>| HSK[0x55fb43a26610]: SERVER HELLO (2) was received. Length 57[57], frag offset 0, frag length: 57, sequence: 0
|<4>| HSK[0x55fb43a26610]: Selected cipher suite: GNUTLS_ECDHE_ECDSA_AES_256_GCM_SHA384
|<4>| HSK[0x55fb43a26610]: CERTIFICATE (11) was received. Length 1170[1170], frag offset 0, frag length: 1170, sequence: 0
{request}|<4>| HSK[0x55fb43a26610]: SERVER HELLO DONE (14) was received. Length 0[0], frag offset 0, frag length: 0, sequence: 0
{certificate}|<4>| HSK[0x55fb43a26610]: CLIENT KEY EXCHANGE was queued [70 bytes]
|<4>| HSK[0x55fb43a26610]: FINISHED was queued [16 bytes]
|<4>| HSK[0x55fb43a26610]: FINISHED (20) was received. Length 12[12], frag offset 0, frag length: 12, sequence: 0
"""  # noqa: E501  as they are
DESCRIPTION = "- Description: (TLS1.2-X.509)-(ECDHE-SECP256R1)-(ECDSA-SHA256)-(AES-256-GCM)\n"
REQUEST = (
    "|<4>| HSK[0x55fb43a26610]: CERTIFICATE REQUEST (13) was received. Length 96[96], frag offset 0, "
    "frag length: 96, sequence: 0\n"
)
SENT = "|<4>| HSK[0x55fb43a26610]: CERTIFICATE was queued [767 bytes]\n"
EMPTY = "|<4>| HSK[0x55fb43a26610]: CERTIFICATE was queued [7 bytes]\n"
REFUSED = """\
|<4>| HSK[0x559021ae65f0]: CLIENT HELLO was queued [192 bytes]
|<5>| REC[0x559021ae65f0]: Alert[1|100] - No renegotiation is allowed - was received
"""
GOODBYE = """\
|<5>| REC: Sending Alert[1|0] - Close notify
|<5>| REC[0x55fb43a26610]: Preparing Packet Alert(21) with length: 2 and min pad: 0
|<5>| REC[0x55fb43a26610]: SSL 3.3 Alert packet received. Epoch 2, length: 26
|<5>| REC[0x55fb43a26610]: Alert[1|0] - Close notify - was received
"""
SERVED = """\
|<4>| HSK[0x563f32aa9470]: CLIENT HELLO (1) was received. Length 127[127], frag offset 0, frag length: 127, sequence: 0
|<4>| HSK[0x563f32aa9470]: FINISHED was queued [16 bytes]

* Accepted connection from IPv4 10.20.1.1 port {port} on Sun Nov 22 22:39:56 202
|<4>| HSK[0x563f32aa9470]: CLIENT HELLO (1) was received. Length 142[142], frag offset 0, frag length: 142, sequence: 0
"""


def handshake(request: str = "", certificate: str = "") -> str:
    return FIRST.format(request=request, certificate=certificate)


KEY_UPDATES = """\
|<4>| HSK[0x5566f630e5f0]: KEY_UPDATE was queued [5 bytes]
|<4>| HSK[0x5566f630e5f0]: KEY_UPDATE (24) was received. Length 1[1], frag offset 0, frag length: 1, sequence: 0
|<4>| HSK[0x5566f630e5f0]: KEY_UPDATE was queued [5 bytes]
"""


def told(said: str) -> dict[str, object]:
    return facts(said, messages(said, "client"))


def test_tells_version_suite_and_kind() -> None:
    row = told(handshake() + DESCRIPTION)
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert (row["handshake"], row["handshake_outcome"], row["renegotiations"]) == ("full", "completed", 0)


@pytest.mark.parametrize(
    ("request_", "certificate", "said"),
    [("", "", "not_requested"), (REQUEST, SENT, "sent"), (REQUEST, EMPTY, "empty")],
)
def test_tells_what_became_of_the_client_certificate(request_: str, certificate: str, said: str) -> None:
    assert told(handshake(request_, certificate) + DESCRIPTION)["client_certificate"] == said


def test_a_certificate_of_a_renegotiation_is_none_of_the_first_handshake() -> None:
    row = told(handshake() + DESCRIPTION + handshake(REQUEST, SENT))
    assert (row["client_certificate"], row["renegotiations_completed"]) == ("not_requested", 1)


def test_counts_every_time_that_it_asks_again_after_a_refusal() -> None:
    row = told(handshake() + DESCRIPTION + REFUSED * 17)
    assert (row["renegotiations"], row["renegotiations_refused"], row["renegotiations_failed"]) == (17, 17, 0)


def test_tells_alerts_of_both_sides_once() -> None:
    close = {"level": "warning", "description": "close_notify"}
    assert alerts(messages(GOODBYE, "client")) == [{"sender": "client", **close}, {"sender": "server", **close}]
    refusal = {"sender": "server", "level": "warning", "description": "no_renegotiation"}
    assert alerts(messages(REFUSED, "client")) == [refusal]


def test_says_nothing_of_half_a_handshake() -> None:
    said = handshake().rsplit("|<4>|", 1)[0] + DESCRIPTION
    assert finished(messages(said, "client")) == 1 and told(said) == {}


def test_ties_a_server_s_trace_to_its_clients_renegotiations_too() -> None:
    parts = connections(SERVED.format(port=40001) + SERVED.format(port=40002))
    assert [client for client, _ in parts] == [("10.20.1.1", 40001), ("10.20.1.1", 40002)]
    assert [part.count("CLIENT HELLO") for _, part in parts] == [2, 2]


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("ECDHE_ECDSA_AES_256_CBC_SHA1", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
        ("ECDHE_ECDSA_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
    ],
)
def test_calls_suites_as_iana_does(suite: str, name: str) -> None:
    assert iana_suite(suite) == name


def test_tells_what_came_behind_the_handshake() -> None:
    again = handshake() + DESCRIPTION + handshake(REQUEST, SENT) + REFUSED
    assert later(again, messages(again, "client")) == {
        "ledger": [{"completed": True, "kind": "full", "client_certificate": "sent"}, {"completed": False}]
    }
    young = handshake() + DESCRIPTION.replace("TLS1.2", "TLS1.3") + KEY_UPDATES
    assert later(young, messages(young, "server")) == {"key_updates": {"client": 1, "server": 2}}
    assert later("", []) == {}
