"""What the scripts of hooks and init containers decide; that they do it is seen on a real cluster."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import certifi
import pytest

pytestmark = pytest.mark.usefixtures("scripts")
KEYS = ["JPY_COOKIE_SECRET", "JUPYTERHUB_CRYPT_KEY"]


class Answering(BaseHTTPRequestHandler):
    """A server that answers each request with the status that its path begins with."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.split("/")[1]))
        self.end_headers()
        self.wfile.write(b'{"message": "cannot list resource"}')

    do_PATCH = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Its address."""
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


def test_only_missing_secrets_are_made() -> None:
    secrets = import_module("make_secrets")
    fresh = secrets.missing({"JPY_COOKIE_SECRET": "a2VwdA=="}, KEYS)
    assert set(fresh) == {"JUPYTERHUB_CRYPT_KEY"}
    value = base64.b64decode(fresh["JUPYTERHUB_CRYPT_KEY"]).decode()
    assert len(bytes.fromhex(value)) == 32
    assert secrets.missing({}, KEYS) != secrets.missing({}, KEYS)


def test_nothing_is_made_where_all_is_there() -> None:
    assert import_module("make_secrets").missing(dict.fromkeys(KEYS, "eA=="), KEYS) == {}


def test_custom_resources_come_from_the_installed_operator() -> None:
    crds = import_module("apply_crds")
    found = crds.manifests(crds.folder())
    assert set(found) == {
        f"{kind}.kubernetes.dask.org" for kind in ("daskautoscalers", "daskclusters", "daskjobs", "daskworkergroups")
    }


@pytest.mark.parametrize(
    ("resource", "served"),
    [
        (None, False),
        ({}, False),
        ({"status": {"conditions": [{"type": "Established", "status": "False"}]}}, False),
        ({"status": {"conditions": [{"type": "Established", "status": "True"}]}}, True),
    ],
)
def test_when_a_resource_is_served(resource: dict[str, Any] | None, served: bool) -> None:
    assert import_module("apply_crds").established(resource) is served


@pytest.mark.parametrize(
    ("generation", "status", "done"),
    [
        (1, {}, False),
        (
            2,
            {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 2},
            False,
        ),
        (
            2,
            {"observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 1},
            False,
        ),
        (
            2,
            {"observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": 1, "numberReady": 2},
            False,
        ),
        (
            2,
            {"observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 2},
            True,
        ),
        (1, {"observedGeneration": 1, "desiredNumberScheduled": 0}, True),
    ],
)
def test_when_every_node_has_the_images(generation: int, status: dict[str, int], done: bool) -> None:
    found = {"metadata": {"generation": generation}, "status": status}
    assert import_module("await_images").done(found) is done


def test_a_missing_image_is_named_with_its_node_and_reason() -> None:
    reason = {"reason": "ErrImagePull", "message": "not found"}
    statuses = [{"image": "lab:2", "state": {"waiting": reason}}, {"image": "lab:1", "state": {"running": {}}}]
    initializing = {"image": "lab:1", "state": {"waiting": {"reason": "PodInitializing"}}}
    pod = {
        "spec": {"nodeName": "n1"},
        "status": {"initContainerStatuses": statuses, "containerStatuses": [initializing]},
    }
    assert list(import_module("await_images").waiting([pod])) == ["n1: lab:2: ErrImagePull not found"]


@pytest.mark.parametrize(
    ("found", "names"), [(None, []), ({"items": []}, []), ({"items": [{"metadata": {"name": "a"}}]}, ["a"])]
)
def test_names_of_a_list(found: dict[str, Any] | None, names: list[str]) -> None:
    assert import_module("end_labs").names(found) == names


class Cluster:
    """Pools and labs of an API server; a broker makes one more pool while it is being stopped."""

    def __init__(self) -> None:
        self.pools = ["a", "b"]
        self.labs = ["lab"]
        self.asked: list[tuple[str, str]] = []

    def get(self, path: str) -> dict[str, Any] | None:
        found = self.pools if "daskclusters" in path else self.labs if "/pods" in path else None
        return None if found is None else {"items": [{"metadata": {"name": name}} for name in found]}

    def delete(self, path: str) -> None:
        self.asked.append(("delete", path))
        name = path.rsplit("/", 1)[1]
        (self.labs if "/pods/" in path else self.pools).remove(name)
        self.pools += ["late"] if name == "b" else []

    def merge(self, path: str, body: dict[str, Any]) -> None:
        self.asked.append(("merge", path))


def test_the_broker_goes_before_its_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    end, cluster = import_module("end_labs"), Cluster()
    monkeypatch.setattr(end, "EVERY", 0.0)
    said = end.main(["--namespace", "labs", "--broker", "core/u-pools", "--selector", "lab"], cluster)
    assert cluster.asked[0] == ("merge", "/apis/apps/v1/namespaces/core/deployments/u-pools")
    assert (cluster.pools, cluster.labs) == ([], [])
    assert said == "Pools and labs of labs are ended; 0 needed force. Homes are kept."


def test_an_install_that_broke_off_can_be_removed(server: str) -> None:
    """Its labs' namespace is not there, and so no permission in it."""
    end, api = import_module("end_labs"), import_module("cluster_api")
    arguments = ["--namespace", "science-labs", "--broker", "a/b", "--selector", "a=b", "--seconds", "0"]
    said = end.main(arguments, api.ClusterApi(f"{server}/403", "t"))
    assert said.startswith("Nothing to end: this install did not come as far as science-labs")
    assert "cannot list resource" in said
    with pytest.raises(api.RefusedByCluster):
        end.main(arguments, api.ClusterApi(f"{server}/500", "t"))


PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


def test_a_bundle_holds_every_authority_once() -> None:
    merge = import_module("merge_certificates")
    made = merge.bundle("# Issuer\n" + PEM.format("a") + "\n# b\n" + PEM.format("b"), PEM.format("b") + PEM.format("c"))
    assert made.count(merge.MARK) == 3 and all(PEM.format(name) in made for name in "abc")
    assert ssl.create_default_context(cadata=merge.bundle(Path(certifi.where()).read_text(), "")).get_ca_certs()


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_absent_authorities_are_a_sentence(tmp_path: Path, content: str | None) -> None:
    merge = import_module("merge_certificates")
    if content is not None:
        (tmp_path / "ca.crt").write_text(content)
    with pytest.raises(merge.NoAuthority, match=r"holds no PEM certificate under 'ca.crt'"):
        merge.site_file(tmp_path / "ca.crt")


def test_hub_and_portal_wait_until_the_database_listens(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    wait = import_module("await_database")
    assert wait.main("127.0.0.1", int(server.rsplit(":", 1)[1]), seconds=0) == 0
    assert wait.main("127.0.0.1", 1, seconds=0) == 1
    assert "127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(("paths", "code"), [(("/200/a", "/200/b"), 0), (("/200/a", "/503"), 1)])
def test_the_check_asks_every_path(
    server: str, paths: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_module("check_platform").main(server, paths, seconds=0) == code
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == list(paths)
