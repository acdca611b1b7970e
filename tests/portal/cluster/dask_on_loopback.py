"""A broker that tells where a cluster is, and a scheduler and workers as processes, with TLS, on loopback."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TOKEN = "the-portals-own-token"
PRELOADS = ("uraniborg_portal.instruments.cluster.on_worker", "uraniborg_portal.scans.on_worker")


def certificates(folder: Path) -> dict[str, str]:
    """An authority that has signed itself one certificate, for everyone; as the broker's answer has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    public = certificate.public_bytes(Encoding.PEM).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (folder / "tls.crt").write_text(public)
    (folder / "tls.key").write_text(private)
    return {"ca": public, "cert": public, "key": private}


@dataclass(kw_only=True)
class Cluster:
    """A scheduler and its workers."""

    folder: Path
    pem: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    url: str | None = None

    @classmethod
    def with_certificates(cls, folder: Path) -> Cluster:
        """A cluster of its own authority, whose files are in `folder`."""
        return cls(folder=folder, pem=certificates(folder))

    def environment(self) -> dict[str, str]:
        comm = "DASK_DISTRIBUTED__COMM__TLS"
        roles = {
            f"{comm}__{role}__{kind}": str(self.folder / f"tls.{end}")
            for role in ("SCHEDULER", "WORKER", "CLIENT")
            for kind, end in (("CERT", "crt"), ("KEY", "key"))
        }
        return {
            **os.environ,
            **roles,
            f"{comm}__CA_FILE": str(self.folder / "tls.crt"),
            "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "URANIBORG_HOME": str(self.folder),
            "URANIBORG_NETWORK": "false",
        }

    def start(self, *arguments: str) -> Path:
        """Start a part of the cluster; gives its log."""
        log = self.folder / f"{len(self.processes)}.log"
        argv = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--protocol", "tls"]
        argv += [word for module in PRELOADS for word in ("--preload", module)]
        with log.open("wb") as file:
            process = subprocess.Popen(argv, env=self.environment(), cwd=self.folder, stdout=file, stderr=file)
        self.processes.append(process)
        return log

    def start_scheduler(self) -> None:
        """Start a scheduler at some port; the broker names it from then on."""
        log = self.start("scheduler", "--port", "0", "--no-dashboard")
        self.url = said(log, r"Scheduler at:\s+(tls://\S+)")

    def start_worker(self, name: str) -> psutil.Process:
        """Start a worker of that name."""
        assert self.url
        single = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder))
        said(self.start("worker", self.url, "--name", name, *single), "Registered to:")
        return psutil.Process(self.processes[-1].pid)

    def stop(self) -> None:
        """End everything."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()


def said(log: Path, pattern: str) -> str:
    """What a process' log says, as soon as it does."""
    until = time.monotonic() + 60
    while not (found := re.search(pattern, log.read_text())):
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.02)
    return found[found.lastindex or 0]


@dataclass(kw_only=True)
class Broker:
    """What tells the portal where its cluster is."""

    url: str
    cluster: Cluster

    def answer(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"token {TOKEN}":
            return JSONResponse({"error": "not_allowed", "message": "This token may not.", "remedy": ""}, 403)
        if self.cluster.url is None:
            words = {"message": "The portal's workers are not there yet.", "remedy": "Wait."}
            return JSONResponse({"error": "unavailable", **words}, 503)
        return JSONResponse({"scheduler": self.cluster.url, "security": self.cluster.pem})


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker whose cluster has no process yet."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    cluster = Cluster.with_certificates(folder)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Broker(url=f"http://127.0.0.1:{listening.getsockname()[1]}/services/pools/", cluster=cluster)
        app = Starlette(routes=[Route("/services/pools/api/compute", made.answer)])
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield made
        server.should_exit = True
        thread.join(10)
        cluster.stop()
