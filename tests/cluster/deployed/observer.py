"""An onlooker that notes when pods run and when their servers answer, apart from the hub that is measured."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from kubernetes_asyncio import client, config, watch

INTERVAL = 0.01
"""Seconds between two attempts: finer than what is measured."""
SERVER_ERROR = 500


@dataclass
class Observer:
    """Wall-clock times by pod name."""

    namespace: str
    paths: dict[str, str]
    """Where the server of a pod is asked, by the pod's name: `:PORT/PATH`."""
    running: dict[str, float] = field(default_factory=dict)
    """When the watch told that the lab's container runs and has an address."""
    answered: dict[str, float] = field(default_factory=dict)
    """When its server answered."""
    told: threading.Condition = field(default_factory=threading.Condition)

    def forget(self, pod: str) -> None:
        """Note the times of the next pod of this name."""
        self.running.pop(pod, None)
        self.answered.pop(pod, None)

    def wait(self, pod: str, seconds: float = 120) -> float:
        """Give when the pod's server answered."""
        with self.told:
            assert self.told.wait_for(lambda: pod in self.answered, seconds), f"{pod} has not answered"
        return self.answered[pod]

    async def look(self) -> None:
        """Follow the pods until cancelled."""
        await config.load_kube_config()
        asking: dict[str, asyncio.Task[None]] = {}
        async with client.ApiClient() as api, watch.Watch() as stream, asyncio.TaskGroup() as group:
            pods = client.CoreV1Api(api)
            async for event in stream.stream(pods.list_namespaced_pod, self.namespace):
                pod = event["raw_object"]
                name, status = pod["metadata"]["name"], pod.get("status") or {}
                runs = any("running" in (each.get("state") or {}) for each in status.get("containerStatuses") or ())
                if event["type"] == "DELETED" or "deletionTimestamp" in pod["metadata"]:
                    if name in asking:
                        asking.pop(name).cancel()
                elif runs and status.get("podIP") and name in self.paths and name not in asking:
                    self.running[name] = time.time()
                    asking[name] = group.create_task(self.ask(name, f"http://{status['podIP']}{self.paths[name]}"))

    async def ask(self, name: str, url: str) -> None:
        """Note when a server answers."""
        async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(url)).status_code < SERVER_ERROR:
                        break
                await asyncio.sleep(INTERVAL)
        with self.told:
            self.answered[name] = time.time()
            self.told.notify_all()


@contextmanager
def observing(observer: Observer) -> Iterator[Observer]:
    """Let the observer look, in a thread of its own, as long as the block runs."""
    loop = asyncio.new_event_loop()
    looking = loop.create_task(observer.look())

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(looking)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield observer
    finally:
        loop.call_soon_threadsafe(looking.cancel)
        thread.join()
        loop.close()
