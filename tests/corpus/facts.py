"""How each fact of the corpus' baselines reads in tlscap's tables.

A rule takes what the baseline says and our connection, and gives the two values to compare. What is
not in `RULES` has no counterpart among the columns (fingerprints of other kinds, random bytes, notices).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tlscap.registry import cipher_suite_name


@dataclass(frozen=True, slots=True)
class Seen:
    """What tlscap says of one connection: its row, its alerts, and its server's certificate."""

    row: dict[str, Any]
    alerts: list[dict[str, Any]]
    certificate: dict[str, Any] | None


Rule = Callable[[Any, Seen], tuple[Any, Any] | None]
"""Gives what to compare, theirs and ours, or nothing where the baseline does not really say anything."""


def column(name: str) -> Rule:
    """The baseline says the same as the column does."""
    return lambda said, seen: (said, seen.row[name])


def is_value(name: str, value: str, unknown: str = "unknown") -> Rule:
    """The baseline says whether the column has this value; nothing can be told where it is `unknown`."""

    def rule(said: Any, seen: Seen) -> tuple[Any, Any]:
        ours = seen.row[name]
        return bool(said), None if ours == unknown else ours == value

    return rule


def resumed(said: bool, seen: Seen) -> tuple[Any, Any] | None:
    """Zeek says False also where there was no ServerHello."""
    if not said and seen.row["cipher"] is None:
        return None
    return is_value("handshake", "abbreviated")(said, seen)


def has_letter(letter: str) -> Rule:
    """The baseline says that this message was seen."""
    return lambda said, seen: (bool(said), letter in clear_letters(seen.row["history"], keep_data=True))


def clear_letters(history: str, keep_data: bool = False) -> str:
    """A history without what is inferred and, unless kept, without runs of data."""
    clear = re.sub(r"\[[^]]*\]", "", history).rstrip("…")
    return clear if keep_data else re.sub("[dD]", "", clear)


def messages(said: str, seen: Seen) -> tuple[str, str]:
    """Zeek's word for the handshake stops when the session is established; `^` says that it swapped the sides."""
    theirs = clear_letters(said.lstrip("^"))
    return theirs, clear_letters(seen.row["history"])[: len(theirs)]


ATTRIBUTE = re.compile(r"(?:^|(?<!\\)[,+]\s*)(CN|C|ST|L|O|OU)=")


def attributes(name: str) -> set[tuple[str, str]]:
    """The usual attributes of a distinguished name, whatever its order, separators and escapes."""
    parts = ATTRIBUTE.split(name)[1:]
    values = (re.sub(r",\s*[\w.]+=.*$", "", value) for value in parts[1::2])
    return {(key, re.sub(r"\\+(.)", r"\1", value).strip()) for key, value in zip(parts[::2], values, strict=True)}


def distinguished_name(name: str) -> Rule:
    """The attributes that the baseline gives are in ours; some tools leave attributes out."""

    def rule(said: Any, seen: Seen) -> tuple[Any, Any]:
        theirs = attributes(said[0] if isinstance(said, list) else said)
        ours = attributes(seen.row[name] or "")
        return sorted(theirs), sorted(theirs & ours) or sorted(ours) or None

    return rule


def alerts(said: list[dict[str, str]], seen: Seen) -> tuple[Any, Any]:
    clear = [(alert["sender"], alert["description"]) for alert in seen.alerts if not alert["encrypted"]]
    return [(alert["from"], alert["description"]) for alert in said], clear[: len(said)]


def last_alert(said: str, seen: Seen) -> tuple[Any, Any]:
    clear = [alert["description"] for alert in seen.alerts if not alert["encrypted"]]
    return said, said if said in clear else clear


def names(said: list[str], seen: Seen) -> tuple[Any, Any]:
    ours = (seen.certificate or {}).get("subject_alternative_names") or []
    ours = {name.partition(":")[2].lower() for name in ours}
    theirs = {name.lower() for name in said}
    return sorted(theirs), sorted(theirs & ours) or sorted(ours)


def not_after(said: str, seen: Seen) -> tuple[Any, Any]:
    last = said.rpartition(" - ")[2].replace("T", " ")
    return last, seen.row["server_not_after"]


def serial(said: str, seen: Seen) -> tuple[Any, Any]:
    ours = (seen.certificate or {}).get("serial")
    return int(said.replace(":", ""), 16), int(ours.replace(":", ""), 16) if ours else None


PLAIN_VERSIONS = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")

PREAMBLES = {
    "imap": "imap", "pop3": "pop3", "smtp": "smtp", "ldap_tcp": "ldap", "xmpp": "xmpp", "ftp": "ftp", "irc": "irc",
    "postgresql": "postgres", "mysql": "mysql", "rdp": "rdp", "socks": "socks5",
}  # fmt: skip


def highest_version(said: list[str], seen: Seen) -> tuple[Any, Any] | None:
    plain = [version for version in said if version in PLAIN_VERSIONS]
    return (max(plain), seen.row["client_version"]) if plain else None


def preamble(said: Any, seen: Seen) -> tuple[Any, Any] | None:
    services = said.split(",") if isinstance(said, str) else said
    spoken = [PREAMBLES[name] for name in services if name in PREAMBLES]
    return (spoken[0], seen.row["preamble"]) if spoken else None


RULES: dict[str, Rule] = {
    "version": column("version"),
    "cipher": column("cipher"),
    "cipher_hex": lambda said, seen: (cipher_suite_name(int(said, 16)), seen.row["cipher"]),
    "curve": column("group"),
    "sni": lambda said, seen: (said.lower(), (seen.row["sni"] or "").lower() or None),
    "alpn": column("alpn"),
    "alpn_offered": column("alpn_offered"),
    "supported_versions": highest_version,
    "ech": lambda said, seen: (bool(said), bool(seen.row["ech"])),
    "esni": lambda said, seen: ("esni", seen.row["ech"]),
    "ja3": column("ja3"),
    "ja3s": column("ja3s"),
    "ja4": column("ja4"),
    "resumed": resumed,
    "established": column("established"),
    "hrr": column("hello_retry"),
    "renegotiation": lambda said, seen: (said, seen.row["renegotiations"] > 0),
    "session_ticket_sent": has_letter("t"),
    "hello_verify_request": has_letter("v"),
    "certificate_request": has_letter("r"),
    "client_certificate_msg": has_letter("X"),
    "client_cert_sent": is_value("client_certificate", "sent"),
    "client_cert_subjects": distinguished_name("client_subject"),
    "zeek_client_subject": distinguished_name("client_subject"),
    "cert_subjects": distinguished_name("server_subject"),
    "cert_subjects_leaf": distinguished_name("server_subject"),
    "zeek_subject": distinguished_name("server_subject"),
    "cert_issuer_leaf": distinguished_name("server_issuer"),
    "zeek_issuer": distinguished_name("server_issuer"),
    "server_cert_sha256": lambda said, seen: (said[0], seen.row["server_certificate_sha256"]),
    "cert_san": names,
    "cert_validity": not_after,
    "suricata_tls.notafter": not_after,
    "suricata_tls.serial": serial,
    "alerts": alerts,
    "last_alert": last_alert,
    "fatal_alert": lambda said, seen: (said, any(alert["level"] == "fatal" for alert in seen.alerts)),
    "zeek_ssl_history": messages,
    "zeek_service": preamble,
    "arkime_protocols": preamble,
    "vlan": lambda said, seen: (True, f"vlan:{said}" in seen.row["tunnel"]),
    "unidirectional": lambda said, seen: (said, 0 in (seen.row["packets_c2s"], seen.row["packets_s2c"])),
    "dtls": lambda said, seen: ("udp", seen.row["transport"]),
    "psk_cipher": lambda said, seen: (said, "_PSK_" in (seen.row["cipher"] or "")),
    "kx": lambda said, seen: (said, (seen.row["cipher"] or "").split("_")[1]),
}

NOT_OF_DTLS = {
    "resumed",
    "established",
    "zeek_ssl_history",
    "session_ticket_sent",
    "client_cert_sent",
    "unidirectional",
}
"""Of DTLS, only what hellos, alerts and certificates tell is compared."""
