"""What HAProxy's log tells: lines as HAProxy 2.6 wrote them."""

from __future__ import annotations

import pytest

from tlscap.lab.stacks.haproxy import facts, parse_log

ALICE = (
    'cn="alice" issuer="tlscap lab issuing CA" serial=7E6FA033A009D54E13E7908F56D9BA1A0BA2CEB9 notbefore=261023224929Z '
    'notafter=361119224929Z subject_dn="/O=Example/CN=alice" issuer_dn="/O=Example/CN=tlscap lab issuing CA" '
    "sha1=7834D4030AC355923A93D6BA8BBF5FD5EC3FE26A x509=3 key_alg=id-ecPublicKey sig_alg=ecdsa-with-SHA256 err=0 "
    "ca_err=0"
)
NOBODY = (
    'cn="" issuer="" serial=- notbefore=- notafter=- subject_dn="" issuer_dn="" sha1=- x509=- key_alg=- sig_alg=- '
    "err=0 ca_err=0"
)
LINE = (
    "ci=10.20.1.1 cp={port} fi=10.20.2.1 fp=443 status={status} ts=---- v={version} cipher={cipher} has_crt={has_crt} "
    'c_used={used} verify=0 resumed={resumed} {person} request="GET /item/0 HTTP/1.1"\n'
)
FAILED = (
    "ci=10.20.1.1 cp=40009 fi=10.20.2.1 fp=443 status=0 ts=---- v=- cipher=- has_crt=0 c_used=0 verify=0 resumed=0 "
    f'{NOBODY} request="<BADREQ>"\n'
)
TALK = "[NOTICE]   (38) : New worker (48) forked\n[NOTICE]   (38) : Loading success.\n"
CLIENT, FRONTEND = ("10.20.1.1", 40001), ("10.20.2.1", 443)


def line(
    has_crt: int,
    used: int,
    resumed: int,
    *,
    port: int = 40001,
    status: int = 200,
    person: str = ALICE,
    new: bool = False,
) -> str:
    version, cipher = ("TLSv1.3", "TLS_AES_256_GCM_SHA384") if new else ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")
    return LINE.format(
        port=port,
        status=status,
        version=version,
        cipher=cipher,
        has_crt=has_crt,
        used=used,
        resumed=resumed,
        person=person,
    )


def test_keeps_the_lines_of_each_connection_in_order_and_nothing_else() -> None:
    text = TALK + line(1, 1, 0) + line(0, 1, 1, port=40002, status=403) + TALK + line(1, 1, 0, status=403)
    logged = parse_log(text)
    assert [said["status"] for said in logged[CLIENT, FRONTEND]] == ["200", "403"]
    assert list(logged) == [(CLIENT, FRONTEND), (("10.20.1.1", 40002), FRONTEND)]


def test_reads_every_field_of_the_client_s_certificate() -> None:
    [[said]] = parse_log(line(1, 1, 0)).values()
    assert (said["cn"], said["issuer"], said["subject_dn"]) == ("alice", "tlscap lab issuing CA", "/O=Example/CN=alice")
    assert (said["serial"], said["notafter"]) == ("7E6FA033A009D54E13E7908F56D9BA1A0BA2CEB9", "361119224929Z")
    assert (said["has_crt"], said["verify"], said["request"]) == ("1", "0", "GET /item/0 HTTP/1.1")


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize(
    ("has_crt", "used", "resumed", "handshake", "certificate"),
    [
        (1, 1, 0, "full", "sent"),
        (0, 0, 0, "full", "empty"),
        (0, 1, 1, "abbreviated", "inherited"),
        (0, 0, 1, "abbreviated", "empty"),
    ],
)
def test_tells_kind_and_certificate(
    has_crt: int, used: int, resumed: int, handshake: str, certificate: str, new: bool
) -> None:
    [[said]] = parse_log(line(has_crt, used, resumed, new=new)).values()
    row = facts(said, mutual=True)
    assert (row["handshake"], row["client_certificate"]) == (handshake, certificate)
    assert row.get("client_subject") == ("CN=alice,O=Example" if used else None)
    assert row["version"] == ("TLSv1.3" if new else "TLSv1.2")
    assert row["cipher"] == ("TLS_AES_256_GCM_SHA384" if new else "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert facts(said, mutual=False)["client_certificate"] == "not_requested"


def test_tells_nothing_of_a_handshake_that_failed() -> None:
    [[said]] = parse_log(FAILED).values()
    assert facts(said, mutual=True) == {}
