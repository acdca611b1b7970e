"""Certificates say who everyone is, are signed by one authority, and lead to the API server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography import x509
from recipe.authority import Certificate, certificates, issue, issue_commands, kubeconfig, make_authority
from recipe.commands import run


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority with all certificates, and one of a node."""
    folder = tmp_path_factory.mktemp("pki")
    make_authority(folder)
    issue(folder, Certificate.for_node("node1"))
    return folder


def read(pki: Path, name: str) -> x509.Certificate:
    """A certificate of the folder."""
    return x509.load_pem_x509_certificate((pki / f"{name}.crt").read_bytes())


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("apiserver", "CN=kube-apiserver"),
        ("admin", "CN=admin,O=system:masters"),
        ("controller-manager", "CN=system:kube-controller-manager"),
        ("scheduler", "CN=system:kube-scheduler"),
        ("proxy", "CN=system:kube-proxy"),
        ("node1", "CN=system:node:node1,O=system:nodes"),
    ],
)
def test_everyone_is_signed_by_the_authority(pki: Path, name: str, subject: str) -> None:
    found = read(pki, name)
    assert found.subject.rfc4514_string() == subject
    found.verify_directly_issued_by(read(pki, "ca"))


@pytest.mark.parametrize("name", ["apiserver", "admin", "node1"])
def test_certificates_pass_a_strict_check(pki: Path, name: str) -> None:
    run("openssl", "verify", "-x509_strict", "-CAfile", pki / "ca.crt", pki / f"{name}.crt")


def test_the_api_server_answers_to_all_its_names(pki: Path) -> None:
    names = read(pki, "apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) >= {"kubernetes.default.svc", "localhost"}
    assert {str(each) for each in names.get_values_for_type(x509.IPAddress)} == {
        "127.0.0.1",
        "198.19.0.1",
        "198.19.128.1",
    }


def test_keys_are_the_owner_s_alone(pki: Path) -> None:
    assert all(key.stat().st_mode & 0o077 == 0 for key in pki.glob("*.key"))


@pytest.mark.parametrize(("name", "server"), [("admin", "127.0.0.1"), ("proxy", "198.19.0.1"), ("node1", "198.19.0.1")])
def test_kubeconfig_leads_to_the_api_server(pki: Path, name: str, server: str) -> None:
    written = json.loads((pki / f"{name}.kubeconfig").read_text())
    assert written == kubeconfig(pki, name)
    assert written["clusters"][0]["cluster"]["server"] == f"https://{server}:6443"
    assert Path(written["users"][0]["user"]["client-certificate"]).exists()


def test_a_second_start_keeps_the_certificates(pki: Path) -> None:
    before = read(pki, "admin").serial_number
    make_authority(pki)
    assert read(pki, "admin").serial_number == before


def test_names_reach_the_extensions_alone() -> None:
    server = certificates()[0]
    assert server.extensions.splitlines()[-1].startswith("subjectAltName=DNS:kubernetes,")
    assert not any("subjectAltName" in word for command in issue_commands(Path("/pki"), server) for word in command)
