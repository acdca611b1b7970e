"""Nodes that kwok plays: pods run on them after a while without a machine, and one responder answers for them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recipe.programs import tool

from deployed.cluster import Cluster

KIND = {"kind": "kwok"}
"""The label of these nodes."""
PODS = "10.231.0.0/16"
"""Addresses of their pods; all lead to this machine."""
PODS_PER_NODE = 110
LEASE_SECONDS = 40
"""As a kubelet's."""
LAB_PORT = 8888
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

STAGES = Path(__file__).with_suffix(".yaml")


def node(number: int) -> dict[str, object]:
    """Give a node's object."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"fake{number}", "labels": KIND}}


@contextmanager
def fake_nodes(cluster: Cluster, folder: Path, nodes: int, seconds: float) -> Iterator[None]:
    """Have nodes whose pods run `seconds` after they were placed; their servers answer everything with 200.

    kwok's configuration and its log are in the folder.
    """
    assert cluster.here is not None, "Addresses of fake pods lead here only on the recipe's cluster."
    stages = STAGES.read_text().replace("MILLISECONDS", str(round(seconds * 1000)))
    (folder / "stages.yaml").write_text(stages.replace("PODS_PER_NODE", str(PODS_PER_NODE)))
    chosen = ",".join(f"{name}={value}" for name, value in KIND.items())
    argv = [
        *(str(tool(cluster.here, "kwok")), f"--kubeconfig={cluster.environment['KUBECONFIG']}"),
        *(f"--manage-nodes-with-label-selector={chosen}", f"--cidr={PODS}", f"--config={folder / 'stages.yaml'}"),
        # Without leases that are renewed the control plane takes the nodes for dead after 50 s, and places nothing.
        f"--node-lease-duration-seconds={LEASE_SECONDS}",
    ]
    route = ("local", PODS, "dev", "lo")
    subprocess.run(["ip", "route", "replace", *route], check=True)
    with (folder / "kwok.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)})
    names = [f"node/fake{number}" for number in range(nodes)]
    try:
        with responding():
            for number in range(nodes):
                cluster.kubectl("apply", "-f", "-", text=json.dumps(node(number)))
            cluster.kubectl("wait", "--for=condition=Ready", "--timeout=60s", *names)
            yield
    finally:
        cluster.kubectl("delete", "--ignore-not-found", *names)
        process.terminate()
        process.wait(10)
        subprocess.run(["ip", "route", "del", *route], check=True)


@contextmanager
def responding() -> Iterator[None]:
    """Answer every request to the port of labs, at any address of this machine, as long as the block runs."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(answer, "0.0.0.0", LAB_PORT, backlog=1024))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
    writer.close()
