"""The cluster's own certificate authority, and a certificate and a kubeconfig file for each of its parts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipe.addresses import API_PORT, HOST, first_service
from recipe.commands import run

DAYS = "3650"
AUTHORITY_USE = "keyUsage=critical,digitalSignature,keyCertSign,cRLSign"
EXTENSIONS = (
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature,keyEncipherment",
    "extendedKeyUsage=clientAuth,serverAuth",
    "subjectKeyIdentifier=hash",
    "authorityKeyIdentifier=keyid",
)
"""Of every certificate: Python 3.13 and newer refuse an authority without a use, and what names no authority."""
SERVER_NAMES = (
    *("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"),
    "localhost",
)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Who someone is to the API server, or the API server to everyone."""

    name: str
    """Of its files."""
    subject: str
    """Common name and groups, as Kubernetes' authorization reads them."""
    names: str = ""
    """Alternative names of a server, as OpenSSL writes them."""

    @classmethod
    def for_node(cls, node: str) -> Certificate:
        """Give the identity of a kubelet."""
        return cls(name=node, subject=f"/O=system:nodes/CN=system:node:{node}")

    @property
    def extensions(self) -> str:
        """The text of the extensions file."""
        lines = [*EXTENSIONS, *([f"subjectAltName={self.names}"] if self.names else [])]
        return "".join(f"{line}\n" for line in lines)


def certificates() -> tuple[Certificate, ...]:
    """Give the identities of the control plane, of kube-proxy and of the administrator."""
    names = [f"DNS:{name}" for name in SERVER_NAMES]
    names += [f"IP:{address}" for address in ("127.0.0.1", HOST, first_service())]
    return (
        Certificate(name="apiserver", subject="/CN=kube-apiserver", names=",".join(names)),
        Certificate(name="admin", subject="/O=system:masters/CN=admin"),
        Certificate(name="controller-manager", subject="/CN=system:kube-controller-manager"),
        Certificate(name="scheduler", subject="/CN=system:kube-scheduler"),
        Certificate(name="proxy", subject="/CN=system:kube-proxy"),
    )


def authority_commands(pki: Path) -> tuple[tuple[str, ...], ...]:
    """Give the commands that make the authority, and the keys that sign tokens of service accounts."""
    key, public = str(pki / "service-accounts.key"), str(pki / "service-accounts.pub")
    files = ("-keyout", str(pki / "ca.key"), "-out", str(pki / "ca.crt"))
    new = ("-newkey", "rsa:2048", "-nodes", "-days", DAYS, "-subj", "/CN=test-cluster", "-addext", AUTHORITY_USE)
    return (
        ("openssl", "req", "-x509", *new, *files),
        ("openssl", "genrsa", "-out", key, "2048"),
        ("openssl", "rsa", "-in", key, "-pubout", "-out", public),
    )


def issue_commands(pki: Path, certificate: Certificate) -> tuple[tuple[str, ...], ...]:
    """Give the commands that make a key and have the authority sign its certificate."""
    key, request, signed, extensions = (
        str(pki / f"{certificate.name}.{kind}") for kind in ("key", "csr", "crt", "ext")
    )
    authority = ("-CA", str(pki / "ca.crt"), "-CAkey", str(pki / "ca.key"), "-CAcreateserial")
    new = ("-new", "-newkey", "rsa:2048", "-nodes", "-subj", certificate.subject)
    return (
        ("openssl", "req", *new, "-keyout", key, "-out", request),
        ("openssl", "x509", "-req", "-in", request, *authority, "-days", DAYS, "-extfile", extensions, "-out", signed),
    )


def kubeconfig(pki: Path, name: str) -> dict[str, Any]:
    """Give the access of one part to the API server; the administrator's goes over loopback."""
    server = f"https://{'127.0.0.1' if name == 'admin' else HOST}:{API_PORT}"
    user = {"client-certificate": str(pki / f"{name}.crt"), "client-key": str(pki / f"{name}.key")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": server, "certificate-authority": str(pki / "ca.crt")}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": name}}],
    }


def make_authority(pki: Path) -> None:
    """Make the authority and the certificates of all parts but the nodes, where they are not there yet."""
    pki.mkdir(parents=True, exist_ok=True)
    if (pki / "ca.crt").exists():
        return
    for command in authority_commands(pki):
        run(*command)
    for certificate in certificates():
        issue(pki, certificate)


def issue(pki: Path, certificate: Certificate) -> None:
    """Make a certificate and its kubeconfig file, where they are not there yet."""
    if (pki / f"{certificate.name}.kubeconfig").exists():
        return
    (pki / f"{certificate.name}.ext").write_text(certificate.extensions)
    for command in issue_commands(pki, certificate):
        run(*command)
    access = json.dumps(kubeconfig(pki, certificate.name))
    (pki / f"{certificate.name}.kubeconfig").write_text(access)
