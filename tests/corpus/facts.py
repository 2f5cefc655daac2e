"""How each fact of the corpus' baselines reads in what tlscap says.

A rule takes what the baseline says and our connection, and gives the two values to compare. What is
in none of the dicts has no counterpart among the columns (fingerprints of other kinds, random bytes, notices,
what can be seen only with keys), or is there under another name (`messages` is `zeek_ssl_history`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from corpus.names import attributes, common_names
from corpus.seen import Seen
from tlscap.registry import cipher_suite_name
from tlscap.tables.session_key import session_key

Rule = Callable[[Any, Seen], tuple[Any, Any] | None]
"""Gives what to compare, theirs and ours, or nothing where the baseline does not really say anything."""


def column(name: str) -> Rule:
    """The baseline says the same as the column does."""
    return lambda said, seen: (said, seen.row[name])


def resumed(said: bool, seen: Seen) -> tuple[bool, bool | None]:
    """A handshake that nobody answered was not resumed either; what cannot be told is None."""
    if seen.row["handshake"] == "unknown" and "handshake" in seen.row["unknown"]:
        return said, None
    return said, seen.row["handshake"] == "abbreviated"


def sent(said: bool, seen: Seen) -> tuple[bool, bool | None]:
    ours = seen.row["client_certificate"]
    return said, None if ours == "unknown" and "client_certificate" in seen.row["unknown"] else ours == "sent"


def has_letter(letter: str) -> Rule:
    """The baseline says that this message was seen."""
    return lambda said, seen: (bool(said), letter in clear_letters(seen.row["history"]))


def clear_letters(history: str) -> str:
    """A history without what is inferred and without runs of data."""
    return re.sub(r"\[[^]]*\]|[dD…]", "", history)


def messages(said: str, seen: Seen) -> tuple[str, str]:
    """Zeek's word for the handshake stops when the session is established; `^` says that it swapped the sides."""
    theirs = clear_letters(said.lstrip("^"))
    return theirs, clear_letters(seen.row["history"])[: len(theirs)]


def distinguished_name(name: str) -> Rule:
    """The attributes that the baseline gives are in ours; some tools leave attributes out."""

    def rule(said: Any, seen: Seen) -> tuple[Any, Any]:
        theirs = attributes(said[0] if isinstance(said, list) else said)
        ours = attributes(seen.row[name] or "")
        return sorted(theirs), sorted(theirs & ours) or sorted(ours) or None

    return rule


def alerts(said: list[dict[str, str]], seen: Seen) -> tuple[Any, Any]:
    clear = [(alert["sender"], alert["description"]) for alert in seen.clear_alerts]
    return [(alert["from"], alert["description"]) for alert in said], clear[: len(said)]


def last_alert(said: str, seen: Seen) -> tuple[Any, Any]:
    clear = [alert["description"] for alert in seen.clear_alerts]
    return said, said if said in clear else clear


def alternative_names(said: list[str] | str, seen: Seen) -> tuple[Any, Any]:
    ours = {name.partition(":")[2].lower() for name in seen.certificate.get("subject_alternative_names", ())}
    theirs = {name.lower() for name in ([said] if isinstance(said, str) else said)}
    return sorted(theirs), sorted(theirs & ours) or sorted(ours)


def validity(said: str, seen: Seen) -> tuple[Any, Any]:
    """`2019-12-17 01:17:28 - 2020-03-16 01:17:28`."""
    ours = [seen.certificate.get(name) for name in ("not_before", "not_after")]
    return said, " - ".join(_seconds(text or "") for text in ours)


def instant_of(role: str, name: str) -> Rule:
    """A date of the side's certificate."""
    return lambda said, seen: (said.replace("T", " "), _first([_seconds(it[name]) for it in _leaves(seen, role)]))


def serial_of(role: str) -> Rule:
    def rule(said: str, seen: Seen) -> tuple[Any, Any]:
        ours = [int(it["serial"].replace(":", ""), 16) for it in _leaves(seen, role)]
        return int(said.replace(":", ""), 16), _first(ours)

    return rule


def _leaves(seen: Seen, role: str) -> list[dict[str, Any]]:
    if role == "server":
        return [seen.certificate] if seen.certificate else []
    return [it for it in seen.certificates_in(role) if role in it["roles"]]


def _first(values: list[Any]) -> Any:
    return values[0] if values else None


def _seconds(text: str) -> str:
    return text[:19].replace("T", " ")


def chain(role: str, digest: str) -> Rule:
    """The baseline's certificates are among those that the side showed; which comes first is told elsewhere."""

    def rule(said: list[str] | str, seen: Seen) -> tuple[Any, Any]:
        theirs = {said} if isinstance(said, str) else set(said)
        ours = {it[digest] for it in seen.certificates_in(role)}
        return sorted(theirs), sorted(theirs & ours) or sorted(ours)

    return rule


def chain_names(said: list[str], seen: Seen) -> tuple[Any, Any] | None:
    theirs = {name.lower() for name in said}
    ours = {name for it in seen.certificates_in("server") for name in common_names(it["subject"] or "")}
    return (sorted(theirs), sorted(theirs & ours) or sorted(ours)) if theirs else None


def session_id(name: str) -> Rule:
    """The id's key; in TLS 1.3 the id names no session, so there is no key."""

    def rule(said: str, seen: Seen) -> tuple[Any, Any] | None:
        if (seen.row["version"] or "").startswith("TLSv1.3"):
            return None
        key = session_key(bytes.fromhex(said))
        return f"{key:016x}" if key else None, seen.row[name]

    return rule


def conn_state(said: str, seen: Seen) -> tuple[str, str | None]:
    """Zeek's state of the TCP connection: closed by both, reset by its originator, or still open."""
    how = seen.row["closed_how"] or "open"
    ours = {"reset": "RSTO", "open": "S1", "alert_fin": "SF"}.get(
        how, "RSTO" if said == "RSTO" and "reset" in how else "SF"
    )
    return said, ours


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


def is_one_sided(said: bool, seen: Seen) -> tuple[bool, bool]:
    return said, 0 in (seen.row["packets_c2s"], seen.row["packets_s2c"])


OF_CONNECTIONS: dict[str, Rule] = {
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
    "client_session_id": session_id("session_id_offered"),
    "server_session_id": session_id("session_id_issued"),
    "resumed": resumed,
    "established": column("established"),
    "hrr": column("hello_retry"),
    "renegotiation": lambda said, seen: (said, seen.row["renegotiations"] > 0),
    "ticket_lifetime": column("ticket_lifetime_s"),
    "session_ticket_sent": has_letter("t"),
    "hello_verify_request": has_letter("v"),
    "certificate_request": has_letter("r"),
    "client_certificate_msg": has_letter("X"),
    "zeek_ocsp_status": has_letter("u"),
    "client_cert_sent": sent,
    "client_cert_subjects": distinguished_name("client_subject"),
    "zeek_client_subject": distinguished_name("client_subject"),
    "client_cert_sha256": chain("client", "sha256"),
    "suricata_tls.client.notbefore": instant_of("client", "not_before"),
    "suricata_tls.client.notafter": instant_of("client", "not_after"),
    "suricata_tls.client.serial": serial_of("client"),
    "cert_subjects": distinguished_name("server_subject"),
    "cert_subjects_leaf": distinguished_name("server_subject"),
    "zeek_subject": distinguished_name("server_subject"),
    "cert_issuer_leaf": distinguished_name("server_issuer"),
    "zeek_issuer": distinguished_name("server_issuer"),
    "cert_subject_cns": chain_names,
    "server_cert_sha256": lambda said, seen: (said[0], seen.row["server_certificate_sha256"]),
    "server_cert_sha1_leaf": lambda said, seen: (said, seen.certificate.get("sha1")),
    "server_cert_sha1_set": chain("server", "sha1"),
    "cert_san": alternative_names,
    "suricata_tls.subjectaltname[0]": alternative_names,
    "cert_validity": validity,
    "suricata_tls.notbefore": instant_of("server", "not_before"),
    "suricata_tls.notafter": instant_of("server", "not_after"),
    "suricata_tls.serial": serial_of("server"),
    "alerts": alerts,
    "last_alert": last_alert,
    "fatal_alert": lambda said, seen: (said, any(alert["level"] == "fatal" for alert in seen.row["alerts"])),
    "zeek_ssl_history": messages,
    "zeek_service": preamble,
    "zeek_conn_conn_state": conn_state,
    "zeek_conn_missed_bytes": lambda said, seen: (
        int(said),
        seen.row["missing_bytes_c2s"] + seen.row["missing_bytes_s2c"],
    ),
    "arkime_protocols": preamble,
    "vlan": lambda said, seen: (True, f"vlan:{said}" in seen.row["tunnel"]),
    "unidirectional": is_one_sided,
    "dtls": lambda said, seen: ("udp", seen.row["transport"]),
    "psk_cipher": lambda said, seen: (said, "_PSK_" in (seen.row["cipher"] or "")),
    "kx": lambda said, seen: (said, (seen.row["cipher"] or "").split("_")[1]),
}

OF_CAPTURES: dict[str, Callable[[Any, list[Seen]], tuple[Any, Any]]] = {
    "has_tls": lambda said, seen: (said, bool(seen)),
    "connections": lambda said, seen: (said, len(seen)),
    "client_hello_count": lambda said, seen: (said, sum(each.row["history"].count("C") for each in seen)),
    "midstream": lambda said, seen: (said, any(each.row["handshake_outcome"] == "unseen" for each in seen)),
    "pcpp_summary": lambda said, seen: (_counts_said(said), _counts_seen(seen)),
}


def _counts_said(summary: dict[str, Any]) -> dict[str, Any]:
    return {
        "flows": summary["Number of SSL flows"],
        "client hellos": summary["Client-hello message"],
        "server hellos": summary["Server-hello message"],
        "versions": {f"TLSv{name.split(' ')[1]}": count for name, count in summary["SSL/TLS versions"].items()},
        "ciphers": summary["Cipher-suite"],
        "names": summary["Server-name"],
    }


def _counts_seen(seen: list[Seen]) -> dict[str, Any]:
    def told(name: str) -> dict[str, int]:
        return dict(Counter(each.row[name] for each in seen if each.row[name]))

    return {
        "flows": len(seen),
        "client hellos": sum(each.row["history"].count("C") for each in seen),
        "server hellos": sum(each.row["history"].count("s") for each in seen),
        "versions": told("version"),
        "ciphers": told("cipher"),
        "names": told("sni"),
    }
