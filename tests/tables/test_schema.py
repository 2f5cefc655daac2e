"""The schema is the contract with whoever reads the tables."""

from __future__ import annotations

import re

import pytest

from tlscap.tables.schema import SCHEMA_VERSION, TABLES, arrow_schema, table

DESIGN = """
uid community_id capture first_frame last_frame start end client_ip client_port server_ip server_port
proxied_client_ip proxied_client_port transport tunnel preamble version client_version cipher group sni alpn
alpn_offered ech ja3 ja3s ja4 secure_renegotiation extended_master_secret fallback_scsv ticket_lifetime_s handshake
handshake_outcome established resumption resumption_offered external_psk resumed_from resumed_from_confidence
offered_from hello_retry early_data client_certificate client_certificate_confidence client_subject server_subject
server_issuer server_not_after server_certificate_sha256 history tcp_rtt_s hello_at established_at handshake_s
last_data_at renegotiations renegotiations_completed renegotiations_refused renegotiations_failed packets_c2s
packets_s2c bytes_c2s bytes_s2c records_c2s records_s2c retransmitted_c2s retransmitted_s2c out_of_order_c2s
out_of_order_s2c missing_bytes_c2s missing_bytes_s2c outcome outcome_basis outcome_confidence closed_by closed_how
closed_phase closed_idle idle_before_close_s pending dropped drop_confidence evidence unknown
"""


def test_connections_has_the_columns_that_the_design_names() -> None:
    assert set(DESIGN.split()) <= set(table("connections").names())


@pytest.mark.parametrize("each", TABLES, ids=lambda each: each.name)
def test_every_column_has_one_name_a_type_and_a_sentence(each) -> None:
    assert len(set(each.names())) == len(each.columns)
    for column in each.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.meaning.endswith("."), column.name
        if column.name.endswith("_s"):
            assert (column.type, column.unit) == ("float64", "s"), column.name


@pytest.mark.parametrize("each", TABLES, ids=lambda each: each.name)
def test_the_arrow_schema_follows_and_carries_its_version(each) -> None:
    schema = arrow_schema(each.name)
    assert tuple(schema.names) == each.names()
    assert schema.metadata[b"schema_version"] == str(SCHEMA_VERSION).encode()


def test_reading_the_schema_does_not_import_pyarrow() -> None:
    import subprocess
    import sys

    code = "import sys, tlscap.tables.schema; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
