"""What stands before TLS: named by who said what, in how many pieces it came and without a side."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from engine import conversation
from engine.playbook import CLIENT, SERVER, Play, Step, watch
from tlscap.engine import preamble
from tlscap.engine.facts import Facts

LDAP = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
LDAP_ANSWER = bytes.fromhex("300c02010178070a010004000400")
MYSQL_GREETING = b"\x4a\x00\x00\x00\x0a8.0.36\x00" + bytes(60)
MYSQL_REQUEST = b"\x20\x00\x00\x01\x85\xae\xff\x19\x00\x00\x00\x01\xff" + bytes(23)
POSTGRES = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
POSTGRES_GSS = b"\x00\x00\x00\x08\x04\xd2\x16\x30"
RDP = bytes.fromhex("0300002a25e00000000000") + b"Cookie: mstshash=eltons\r\n" + bytes.fromhex("0100080000000000")
RDP_ANSWER = bytes.fromhex("030000130ed000001234000209080002000000")
XMPP = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='example.org' version='1.0'>"
XMPP_ANSWER = b"<stream:stream from='example.org'><stream:features><starttls/></stream:features>"
PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n"

DIALOGUES: dict[str, list[Step]] = {
    "smtp": [
        (SERVER, b"220 mail.example.org ESMTP Postfix\r\n"),
        (CLIENT, b"EHLO client.example.org\r\n"),
        (SERVER, b"250-mail.example.org\r\n250 STARTTLS\r\n"),
        (CLIENT, b"STARTTLS\r\n"),
        (SERVER, b"220 2.0.0 Ready to start TLS\r\n"),
    ],
    "imap": [
        (SERVER, b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
        (CLIENT, b"a1 STARTTLS\r\n"),
        (SERVER, b"a1 OK Begin TLS\r\n"),
    ],
    "pop3": [(SERVER, b"+OK POP3 ready\r\n"), (CLIENT, b"STLS\r\n"), (SERVER, b"+OK Begin TLS\r\n")],
    "ftp": [(SERVER, b"220 (vsFTPd 3.0.5)\r\n"), (CLIENT, b"AUTH TLS\r\n"), (SERVER, b"234 Proceed\r\n")],
    "ldap": [(CLIENT, LDAP), (SERVER, LDAP_ANSWER)],
    "xmpp": [
        (CLIENT, XMPP),
        (SERVER, XMPP_ANSWER),
        (CLIENT, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        (SERVER, b"<proceed/>"),
    ],
    "irc": [
        (CLIENT, b"CAP LS 302\r\nNICK eve\r\n"),
        (SERVER, b":irc.example.org CAP * LS :tls\r\n"),
        (CLIENT, b"STARTTLS\r\n"),
        (SERVER, b":irc.example.org 670 eve :STARTTLS successful\r\n"),
    ],
    "postgres": [(CLIENT, POSTGRES), (SERVER, b"S")],
    "mysql": [(SERVER, MYSQL_GREETING), (CLIENT, MYSQL_REQUEST)],
    "rdp": [(CLIENT, RDP), (SERVER, RDP_ANSWER)],
    "http_connect": [
        (CLIENT, b"CONNECT server.example:443 HTTP/1.1\r\nHost: server.example:443\r\n\r\n"),
        (SERVER, b"HTTP/1.1 200 Connection established\r\n\r\n"),
    ],
    "socks4": [(CLIENT, b"\x04\x01\x01\xbb\xc0\x00\x02\x0aeve\x00"), (SERVER, b"\x00\x5a\x01\xbb\xc0\x00\x02\x0a")],
    "socks5": [
        (CLIENT, b"\x05\x01\x00"),
        (SERVER, b"\x05\x00"),
        (CLIENT, b"\x05\x01\x00\x03\x0eserver.example\x01\xbb"),
        (SERVER, b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
    ],
    "proxy_v1": [(CLIENT, b"PROXY TCP4 203.0.113.7 192.0.2.10 51234 443\r\n")],
    "proxy_v2": [(CLIENT, PROXY_V2 + bytes.fromhex("2111000c cb007107 c000020a c82201bb"))],
    "other": [(SERVER, b"what do you want?\n"), (CLIENT, b"TLS\n")],
}


@pytest.mark.parametrize("mss", [1460, 1, 4])
@pytest.mark.parametrize("name", DIALOGUES)
def test_names_the_protocol_whose_plaintext_start_asked_for_tls(name: str, mss: int) -> None:
    plain = watch(Play().open().speak(conversation.tls12()).close(CLIENT).packets)
    play = Play(mss=mss).open().speak(DIALOGUES[name]).speak(conversation.tls12()).close(CLIENT)
    seen = watch(play.packets)
    assert seen.facts.preamble == name
    assert seen.events == plain.events
    assert seen.verdict.handshake == "full"
    assert seen.facts.client.plain_bytes == sum(len(data) for side, data in DIALOGUES[name] if side == CLIENT)
    assert seen.facts.server.plain_bytes == sum(len(data) for side, data in DIALOGUES[name] if side == SERVER)


@pytest.mark.parametrize("name", ["smtp", "imap", "pop3", "ftp", "irc"])
def test_names_it_also_by_the_client_s_commands_alone(name: str) -> None:
    said = b"".join(data for side, data in DIALOGUES[name] if side == CLIENT)
    assert preamble.name(said, b"") == name


@pytest.mark.parametrize("name", ["smtp", "imap", "pop3", "ftp", "irc", "mysql"])
def test_names_it_also_by_the_server_s_greeting_alone(name: str) -> None:
    said = b"".join(data for side, data in DIALOGUES[name] if side == SERVER)
    assert preamble.name(b"", said) == name


def test_tells_ftp_and_smtp_apart_by_the_client_where_the_greeting_says_little() -> None:
    assert preamble.name(b"AUTH TLS\r\n", b"220 welcome\r\n") == "ftp"
    assert preamble.name(b"EHLO me\r\nSTARTTLS\r\n", b"220 ftp.example.org ESMTP\r\n") == "smtp"


def test_a_postgres_client_may_ask_for_gssapi_first() -> None:
    play = Play().open().speak([(CLIENT, POSTGRES_GSS), (SERVER, b"N"), (CLIENT, POSTGRES), (SERVER, b"S")])
    assert watch(play.speak(conversation.tls12()).packets).facts.preamble == "postgres"


def test_nothing_before_tls_has_no_name() -> None:
    assert watch(Play().open().speak(conversation.tls12()).packets).facts.preamble == ""


PROXIED = {
    b"PROXY TCP4 203.0.113.7 192.0.2.10 51234 443\r\n": ("203.0.113.7", 51234),
    b"PROXY TCP6 2001:db8::7 2001:db8::10 51234 443\r\n": ("2001:db8::7", 51234),
    b"PROXY UNKNOWN\r\n": ("", 0),
    b"PROXY TCP4 not.an.address 192.0.2.10 51234 443\r\n": ("", 0),
    b"PROXY TCP4 203.0.113.7 192.0.2.10 many 443\r\n": ("", 0),
    PROXY_V2 + bytes.fromhex("2111000ccb007107c000020ac82201bb"): ("203.0.113.7", 51234),
    PROXY_V2 + bytes.fromhex("2121002420010db8000000000000000000000007" + "20010db8" + "00" * 12 + "c82201bb"): (
        "2001:db8::7",
        51234,
    ),
    # With a TLV behind the addresses; LOCAL, which is the proxy's own check; a UNIX socket.
    PROXY_V2 + bytes.fromhex("21110013cb007107c000020ac82201bb" + "04000401020304")[:23]: ("203.0.113.7", 51234),
    PROXY_V2 + bytes.fromhex("20000000"): ("", 0),
    PROXY_V2 + bytes.fromhex("20110 00ccb007107c000020ac82201bb".replace(" ", "")): ("", 0),
    PROXY_V2 + bytes.fromhex("213100d8") + bytes(216): ("", 0),
}


@pytest.mark.parametrize("glued", [True, False])
@pytest.mark.parametrize(("header", "client"), PROXIED.items())
def test_tells_the_client_that_a_proxy_header_names(header: bytes, client: tuple[str, int], glued: bool) -> None:
    steps = list(conversation.tls12())
    if glued:
        steps[0] = (CLIENT, header + steps[0][1])
    else:
        steps.insert(0, (CLIENT, header))
    seen = watch(Play().open().speak(steps).packets)
    assert seen.facts.preamble in ("proxy_v1", "proxy_v2")
    expected = ip_address(client[0]).packed if client[0] else b""
    assert (seen.facts.proxied_client_ip, seen.facts.proxied_client_port) == (expected, client[1])
    assert seen.facts.client.plain_bytes == len(header)
    assert seen.verdict.handshake == "full"


def test_a_proxy_header_may_stand_before_another_preamble() -> None:
    header = b"PROXY TCP4 203.0.113.7 192.0.2.10 51234 25\r\n"
    play = Play().open().send(CLIENT, header).speak(DIALOGUES["smtp"]).speak(conversation.tls12())
    facts = watch(play.packets).facts
    assert facts.preamble == "proxy_v1"
    assert facts.proxied_client_port == 51234


@pytest.mark.parametrize("header", PROXIED)
def test_a_header_that_ends_early_names_nobody(header: bytes) -> None:
    for cut in range(len(header)):
        facts = Facts()
        preamble.describe(facts, header[:cut], b"")
        assert len(facts.proxied_client_ip) in (0, 4, 16)
        assert 0 <= facts.proxied_client_port < 1 << 16
