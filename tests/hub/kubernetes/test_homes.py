"""Sizes of homes at the hub: the last measurement's own numbers with their time, for who may read its metrics."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from uraniborg_hub.kubernetes.homes import newest, page
from uraniborg_hub.lab.storage.homes import report

if TYPE_CHECKING:
    from conftest import Hub

EARLY, LATE = datetime(2026, 11, 20, 4, tzinfo=UTC), datetime(2026, 11, 21, 4, tzinfo=UTC)
SIZES = [("tycho", 2048), ('kep"ler', 7)]
LOG = f"late: a warning of some library\n{report(SIZES)}Traceback\n"
TOKEN = "metrics-token-of-this-test"


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ([], None),
        ([("runs", None)], None),
        ([("a", EARLY), ("b", LATE), ("runs", None)], ("b", LATE)),
    ],
)
def test_the_measurement_that_ended_last_counts(
    pods: list[tuple[str, datetime | None]], expected: tuple[str, datetime] | None
) -> None:
    assert newest(pods) == expected


def test_only_whole_lines_of_sizes_are_passed_on() -> None:
    lines = page(f'{LOG}uraniborg_home_bytes{{home="cut"}} 12', LATE).splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        'uraniborg_home_bytes{home="tycho"} 2048',
        'uraniborg_home_bytes{home="kep\\"ler"} 7',
        f"uraniborg_homes_measured_timestamp_seconds {LATE.timestamp():.0f}",
    ]


class ApiServer(BaseHTTPRequestHandler):
    """The labs' namespace after a measurement."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        content = b""
        if address.path == "/api/v1/namespaces/labs/pods" and "homes" in query.get("labelSelector", [""])[0]:
            ended = {"name": "homes", "image": "lab", "imageID": "lab", "ready": False, "restartCount": 0}
            ended["state"] = {"terminated": {"exitCode": 0, "finishedAt": LATE.isoformat()}}
            pod = {"metadata": {"name": "sizes"}, "status": {"phase": "Succeeded", "containerStatuses": [ended]}}
            content = json.dumps({"kind": "PodList", "apiVersion": "v1", "items": [pod]}).encode()
        elif address.path == "/api/v1/namespaces/labs/pods/sizes/log":
            content = LOG.encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", "application/json" if content.startswith(b"{") else "text/plain")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of an API server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "test", "user": {"token": "t"}}],
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config))
    yield path
    server.shutdown()
    server.server_close()


@pytest.mark.platform
def test_the_hub_gives_them_to_the_metrics_token_alone(cluster: Path, start_hub: Callable[..., Hub]) -> None:
    table = {
        "NAMESPACE": "labs",
        "IMAGE": "lab:1",
        "PORTAL_URL": "http://portal:8000/services/portal/",
        "POOLS_URL": "http://pools:8000/services/pools/",
        "HOME__KIND": "shared",
        "HOME__CLAIM": "homes",
    }
    settings = {f"URANIBORG_KUBERNETES__{name}": value for name, value in table.items()}
    hub = start_hub(**settings, KUBECONFIG=str(cluster), URANIBORG_METRICS_API_TOKEN=TOKEN)
    with httpx.Client(base_url=hub.url, trust_env=False) as client:
        assert client.get("/hub/metrics/homes").status_code == 403
        answer = client.get("/hub/metrics/homes", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == page(LOG, LATE)
