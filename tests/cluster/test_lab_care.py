"""What a site adds to labs, and what labs say by themselves: on the platform as helm installs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from deployed.platform import CHART, RELEASE
from deployed.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

BROKEN = "uraniborg-broken"
AUTHORITY = "Hven authority"
TRUSTED = """
import os, ssl
found = ssl.create_default_context().get_ca_certs()
print(sum(1 for each in found if "Hven authority" in str(each)), len(found) > 50, os.environ["REQUESTS_CA_BUNDLE"])
"""


def authority() -> str:
    """A certificate of an authority of the site's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(days=1))
    builder = builder.not_valid_after(datetime.now(UTC) + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def cared(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with an authority of its own, a quota of homes, and labs that warn ten seconds after their use."""
    cluster, folder = platform.cluster, tmp_path_factory.mktemp("values")
    (folder / "ca.crt").write_text(authority())
    made = ("create", "configmap", "site", "-n", platform.namespace, f"--from-file={folder / 'ca.crt'}")
    cluster.kubectl(*made)
    values: dict[str, Any] = {
        "certificates": {"configMap": "site"},
        "cull": {"timeout": 3600, "warning": 3590},
        "singleuser": {"storage": {"quota": "1Mi"}},
    }
    try:
        platform.install(folder, values)
        yield platform
    finally:
        platform.install(folder)
        cluster.kubectl("delete", "configmap", "site", "-n", platform.namespace)


def told(person: Person) -> str:
    """When a person's lab was last used, as the hub knows it."""
    servers = person.ask("GET", f"hub/api/users/{person.name}").json()["servers"]
    return str(servers[""]["last_activity"])


def notices(person: Person) -> list[dict[str, Any]]:
    """What the page of a lab shows."""
    answer = person.ask("GET", f"user/{person.name}/uraniborg/notices")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["notices"]
    return found


def test_an_idle_lab_warns_and_a_click_is_use_that_the_hub_hears_of(cared: Platform) -> None:
    person = cared.sign_in("mars")
    person.have_lab()
    # Before the lab's first measurement, a minute after its start.
    person.run("import os; open('large.bin', 'wb').write(os.urandom(2_000_000))")
    until(lambda: [each for each in notices(person) if each["id"] == "culling"], 60, "The lab warns")
    before = told(person)
    kept = person.ask("POST", f"user/{person.name}/uraniborg/activity")
    assert [each["id"] for each in kept.json()["notices"] if each["id"] == "culling"] == []
    assert told(person) > before
    until(lambda: [each for each in notices(person) if each["id"] == "storage"], 150, "The lab warns of its quota")
    person.stop_lab()


def test_a_lab_and_the_platform_trust_the_sites_authority_and_the_public_ones(cared: Platform) -> None:
    person = cared.sign_in("ceres")
    person.have_lab()
    assert person.run(TRUSTED).text == "1 True /etc/uraniborg/certificates/ca-bundle.crt\n"
    person.stop_lab()
    (portal,) = cared.pods("portal")
    done = cared.cluster.execute(cared.namespace, portal["metadata"]["name"], "python", "-c", TRUSTED)
    assert done.stdout.startswith("1 True"), done.stderr


def test_no_container_of_a_foreign_image_comes_into_a_lab_that_runs(platform: Platform) -> None:
    person = platform.sign_in("vesta")
    person.have_lab()
    (pod,) = platform.lab_pods(person.name)
    debug = ("debug", pod["metadata"]["name"], "-n", platform.labs, "--profile=restricted")
    refused = platform.cluster.try_kubectl(*debug, "--image=docker.io/library/busybox:1", "--", "sleep", "1")
    assert refused.returncode != 0 and "image not allowed here" in refused.stderr, refused.stderr
    person.stop_lab()


def test_links_are_refused_in_a_sentence_where_people_sign_in_otherwise(platform: Platform) -> None:
    ask = (
        "exec",
        "-n",
        platform.namespace,
        f"deployment/{RELEASE}-hub",
        "-c",
        "hub",
        "--",
        "uraniborg",
        "link",
        "tycho",
    )
    refused = platform.cluster.try_kubectl(*ask)
    assert refused.returncode == 1 and "People sign in by" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_install_that_broke_off_before_the_labs_namespace_is_uninstalled(platform: Platform, tmp_path: Path) -> None:
    cluster, file = platform.cluster, tmp_path / "values.json"
    values = platform.values()
    values["singleuser"]["image"] = {**values["singleuser"]["image"], "name": "uraniborg/absent"}
    changed = {**values, "proxy": {}, "operator": {"enabled": False, "crds": False}}
    file.write_text(json.dumps({**changed, "prePuller": {"hook": {"timeoutSeconds": 10}}}))
    try:
        install = ("install", RELEASE, str(CHART), "-n", BROKEN, "--create-namespace", "-f", str(file))
        broken = cluster.try_helm(*install, seconds=300)
        assert broken.returncode != 0 and "hook" in broken.stderr, broken.stderr
        assert cluster.try_kubectl("get", "namespace", f"{BROKEN}-labs").returncode != 0
        removed = cluster.try_helm("uninstall", RELEASE, "-n", BROKEN, "--wait", seconds=300)
        assert removed.returncode == 0, removed.stderr
    finally:
        cluster.kubectl("delete", "namespace", BROKEN, "--ignore-not-found", "--timeout=120s", seconds=150)
