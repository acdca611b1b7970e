"""What a program in a pod can connect to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from deployed.cluster import Cluster

Target = tuple[str, int]

CONNECT = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor

def opens(target):
    try:
        socket.create_connection(target, 3).close()
    except OSError:
        return False
    return True

targets = [tuple(each) for each in json.loads(sys.argv[1])]
with ThreadPoolExecutor(32) as pool:
    print(json.dumps(list(pool.map(opens, targets))))
"""


def reached(cluster: Cluster, pod: dict[str, Any], targets: Iterable[Target]) -> set[Target]:
    """Give those of some hosts and ports that take a connection from inside a pod."""
    tried = list(targets)
    where = pod["metadata"]
    done = cluster.execute(where["namespace"], where["name"], "python3", "-c", CONNECT, json.dumps(tried))
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    return {target for target, opens in zip(tried, answers, strict=True) if opens}


def at(pod: dict[str, Any], *ports: int) -> list[Target]:
    """Give ports of a pod's own address."""
    return [(pod["status"]["podIP"], port) for port in ports]
