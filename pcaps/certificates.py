"""The certificates of a sample: a root, an intermediate that issued everything else, and the odd ones for failures."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
LONG, DAY = datetime.timedelta(days=3650), datetime.timedelta(days=1)


class Authority:
    """A certificate authority that writes what it issues into a directory: `NAME.pem` holds the chain and the key."""

    def __init__(self, directory: Path, name: str = "tlscap sample") -> None:
        self.directory = directory
        self.root = directory / f"{name.replace(' ', '-')}-root.pem"
        self._root_key, self._issuer_key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        root_name, self._issuer_name = _name(f"{name} root"), _name(f"{name} issuing CA")
        root = _certificate(root_name, self._root_key, root_name, self._root_key, ca=True)
        self._issuer = _certificate(self._issuer_name, self._issuer_key, root_name, self._root_key, ca=True)
        self.root.write_bytes(_pem(root))
        self.both = directory / f"{name.replace(' ', '-')}-both.pem"
        self.both.write_bytes(_pem(self._issuer) + _pem(root))

    def issue(self, name: str, *, use_rsa: bool = False, expired: bool = False) -> Path:
        """A leaf for the host or person `name`, with the intermediate after it and its key at the end."""
        key: Key = rsa.generate_private_key(65537, 2048) if use_rsa else ec.generate_private_key(ec.SECP256R1())
        leaf = _certificate(_name(name), key, self._issuer_name, self._issuer_key, expired=expired)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.directory / f"{name}{'-rsa' if use_rsa else ''}{'-expired' if expired else ''}.pem"
        path.write_bytes(_pem(leaf) + _pem(self._issuer) + private)
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
    expired: bool = False,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    name = subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - 30 * DAY)
        .not_valid_after(now - DAY if expired else now + LONG)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(str(name))]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
