"""IANA's files replace IANA's names, and leave alone what IANA does not have."""

from __future__ import annotations

from xml.etree import ElementTree

from tlscap.registry.refresh import merged, registered, render_table
from tlscap.registry.table import CodePoint

PUBLISHED = """<registry xmlns="http://www.iana.org/assignments" id="tls-parameters">
  <updated>2030-01-02</updated>
  <registry id="tls-parameters-4">
    <record><value>0x00,0x00-0F</value><description>Reserved</description></record>
    <record><value>0x13,0x01</value><description>TLS_AES_128_GCM_SHA256</description></record>
    <record><value>0xCC,0x13</value><description>TLS_NEW_SUITE</description></record>
    <record><value>0x0A,0x0A</value><description>Reserved</description></record>
  </registry>
  <registry id="tls-parameters-6">
    <record><value>1-9</value><description>Unassigned</description></record>
    <record><value>100</value><description>no_renegotiation_RESERVED</description></record>
  </registry>
  <registry id="tls-parameters-8">
    <record><value>25497</value><description>X25519Kyber768Draft00 (OBSOLETE)</description></record>
  </registry>
  <registry id="tls-parameters-2"><record><value>1</value><description>rsa_sign</description></record></registry>
</registry>"""


def test_reads_single_values_that_have_a_name_and_drops_what_was_added_to_it() -> None:
    assert dict(registered(ElementTree.fromstring(PUBLISHED))) == {
        "cipher-suites": {0x1301: "TLS_AES_128_GCM_SHA256", 0xCC13: "TLS_NEW_SUITE"},
        "alert-descriptions": {100: "no_renegotiation"},
        "supported-groups": {25497: "X25519Kyber768Draft00"},
    }


def test_a_name_of_iana_replaces_ours_and_its_note() -> None:
    ours = [
        CodePoint(1, "kept", "not registered: someone"),
        CodePoint(2, "old", "not registered: someone"),
        CodePoint(3, "same", "RFC 1"),
    ]
    assert merged(ours, {2: "new", 3: "same", 4: "added"}) == [
        CodePoint(1, "kept", "not registered: someone"),
        CodePoint(2, "new", ""),
        CodePoint(3, "same", "RFC 1"),
        CodePoint(4, "added", ""),
    ]


def test_writes_words_in_hex_and_the_rest_in_decimal() -> None:
    point = [CodePoint(29, "x25519", "a, b")]
    assert render_table("supported-groups", point, ["# t"]) == '# t\nvalue,name,note\n0x001d,x25519,"a, b"\n'
    assert render_table("link-types", point, []) == 'value,name,note\n29,x25519,"a, b"\n'
