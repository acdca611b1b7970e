"""The certificates of one pool: an authority that signs three, for scheduler, workers and client, and is forgotten."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from uraniborg_hub.pools.models import Credentials

PARTIES = ("scheduler", "worker", "client")
LIFE = timedelta(days=365)
SKEW = timedelta(hours=1)
"""Clocks of nodes may differ by so much."""


def make(pool: str) -> dict[str, str]:
    """Give the PEMs of a new pool: `ca.crt`, and `<party>.crt` and `<party>.key` of each of the PARTIES.

    The authority's own key is not among them: nobody can ever sign another certificate of this pool.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(pool, "authority")
    authority = (
        _builder(subject, subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    pems = {"ca.crt": _pem(authority)}
    for party in PARTIES:
        pems |= _signed(pool, party, authority, key)
    return pems


def client(data: Mapping[str, str]) -> Credentials:
    """Give the client's credentials out of the data of a pool's Secret."""
    plain = {name: b64decode(data[name]).decode() for name in ("ca.crt", "client.crt", "client.key")}
    return Credentials(ca=plain["ca.crt"], cert=plain["client.crt"], key=plain["client.key"])


def secret_data(pems: Mapping[str, str]) -> dict[str, str]:
    """Give the data of a Secret that holds PEMs."""
    return {name: b64encode(pem.encode()).decode() for name, pem in pems.items()}


def days_left(certificate: str) -> float:
    """Give how many days a certificate is good for still."""
    return (x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc - datetime.now(UTC)) / timedelta(1)


def _signed(pool: str, party: str, authority: x509.Certificate, by: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        _builder(_name(pool, party), authority.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(f"{pool}-{party}")]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {f"{party}.crt": _pem(certificate), f"{party}.key": private}


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LIFE)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    unused: dict[str, Any] = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return x509.KeyUsage(
        digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, decipher_only=False, **unused
    )


def _name(pool: str, party: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{pool} {party}")])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
