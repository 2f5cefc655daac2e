"""The certificates of a run: a root, an intermediate that issues everything else, and the odd ones for failures."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
LONG, DAY = datetime.timedelta(days=3650), datetime.timedelta(days=1)
PASSWORD = "lab"
"""Of the PKCS#12 files; some programs insist on one."""


@dataclass(frozen=True)
class Identity:
    """A leaf, in the files that programs want."""

    name: str
    pem: Path
    """The leaf, the intermediate and the private key, in this order."""
    chain: Path
    """The leaf and the intermediate."""
    key: Path
    p12: Path
    """All of it as PKCS#12, under PASSWORD."""

    def __str__(self) -> str:
        return str(self.pem)


class Authority:
    """A certificate authority that writes what it issues into a directory."""

    def __init__(self, directory: Path, name: str = "tlscap lab") -> None:
        self._directory = directory
        self._root_key, self._issuer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self._root_name, self._issuer_name = _name(f"{name} root"), _name(f"{name} issuing CA")
        root = _certificate(self._root_name, self._root_key, self._root_name, self._root_key, ca=True)
        self._issuer = _certificate(self._issuer_name, self._issuer_key, self._root_name, self._root_key, ca=True)
        stem = name.replace(" ", "-")
        self.root = self._write(f"{stem}-root.pem", _pem(root))
        """The root alone: what clients trust."""
        self.both = self._write(f"{stem}-both.pem", _pem(self._issuer) + _pem(root))
        """Intermediate and root: what a server verifies clients with."""
        self._issued: dict[str, int] = {}

    def issue(
        self, name: str, *, use_rsa: bool = False, expired: bool = False, lasts_s: float | None = None
    ) -> Identity:
        """A leaf for the host or person `name`, that may expire after so many seconds; issued again it is another."""
        key: Key = rsa.generate_private_key(65537, 2048) if use_rsa else ec.generate_private_key(ec.SECP256R1())
        lasts = -DAY if expired else LONG if lasts_s is None else datetime.timedelta(seconds=lasts_s)
        leaf = _certificate(_name(name), key, self._issuer_name, self._issuer_key, lasts=lasts)
        chain = _pem(leaf) + _pem(self._issuer)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        bundle = pkcs12.serialize_key_and_certificates(
            name.encode(), key, leaf, [self._issuer], serialization.BestAvailableEncryption(PASSWORD.encode())
        )
        stem = self._stem(name)
        return Identity(
            name,
            self._write(f"{stem}.pem", chain + private),
            self._write(f"{stem}.chain.pem", chain),
            self._write(f"{stem}.key.pem", private),
            self._write(f"{stem}.p12", bundle),
        )

    def _stem(self, name: str) -> str:
        number = self._issued[name] = self._issued.get(name, 0) + 1
        return f"{name}-{number}" if number > 1 else name

    def _write(self, name: str, data: bytes) -> Path:
        path = self._directory / name
        path.write_bytes(data)
        return path


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )


def _certificate(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    lasts: datetime.timedelta = LONG,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    name = subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - 30 * DAY)
        .not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(str(name))]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
