"""Names as RFC 4514 writes them, safe to show on one line."""

from __future__ import annotations

from tlscap.tables.der import OID, Element, dotted

SHORT_NAMES = {
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.15": "businessCategory",
    "2.5.4.17": "postalCode",
    "2.5.4.42": "GN",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
}
"""Attribute types: RFC 4514's names where it has one, else OpenSSL's."""

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, formats that reorder text, surrogates, unassigned, line breaks: they do not simply show themselves."""

_ENCODINGS = {0x0C: "utf-8", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}
"""UTF8String, UniversalString, BMPString; the other string types are taken for Latin-1, as old issuers use them."""


def safe(text: str) -> str:
    """`text` with what does not simply show itself as RFC 4514's hex pairs of its UTF-8: `\\1B`."""
    if text.isascii() and text.isprintable():
        return text
    import unicodedata  # few captures have any such text

    return "".join(_hex_pairs(one) if unicodedata.category(one) in _UNSAFE else one for one in text)


def render_name(name: Element) -> str:
    """A Name, an RDNSequence: the most specific attribute comes first in text and last in DER."""
    return ",".join(reversed(["+".join(map(_attribute, rdn.children())) for rdn in name.children()]))


def _attribute(attribute: Element) -> str:
    parts = list(attribute.children())
    if len(parts) < 2 or parts[0].tag != OID:
        return f"#{attribute.encoded.hex()}"
    kind = dotted(parts[0].content)
    return f"{SHORT_NAMES.get(kind, kind)}={_escaped(_text(parts[1]))}"


def _text(value: Element) -> str:
    return value.content.decode(_ENCODINGS.get(value.tag, "latin-1"), "replace")


def _escaped(value: str) -> str:
    """RFC 4514 §2.4."""
    text = "".join(f"\\{one}" if one in '"+,;<>\\' else one for one in value)
    if text[:1] in (" ", "#"):
        text = "\\" + text
    if text.endswith(" ") and len(value) > 1:
        text = text[:-1] + "\\ "
    return safe(text)


def _hex_pairs(character: str) -> str:
    return "".join(f"\\{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
