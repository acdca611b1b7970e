"""A start from the request to its end, against a small API server that tells what a real one once told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web
from kubernetes_asyncio.client import Configuration

from uraniborg_hub.kubernetes.failure import LabFailed
from uraniborg_hub.kubernetes.spawner import KubernetesLabSpawner

Make = Callable[..., KubernetesLabSpawner]
POD, UID = "lab-tycho", "uid-of-this-start"
QUOTA = 'pods "lab-tycho" is forbidden: exceeded quota: labs, requested: pods=1, used: pods=5, limited: pods=5'


class ApiServer:
    """Pods and events of one namespace: lists, watches, creation and removal."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, dict[str, Any]]] = {"pods": {}, "events": {}}
        self.watchers: dict[str, set[asyncio.Queue[dict[str, Any]]]] = {"pods": set(), "events": set()}
        self.history: list[tuple[int, str, dict[str, Any]]] = []
        self.version = 1
        self.seconds = 0.0
        """How late the answer to a request for a pod comes."""
        self.refusal: tuple[int, str] | None = None
        self.after: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
        """What becomes of the pod once it is made: states of it with their events."""
        self.made: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        """The few addresses that the spawner uses."""
        base = "/api/v1/namespaces/labs"
        return [
            web.get(f"{base}/{{kind:pods|events}}", self.listed),
            web.post(f"{base}/pods", self.create),
            web.delete(f"{base}/pods/{{name}}", self.remove),
            web.get(f"{base}/pods/{{name}}", self.read),
            web.get(f"{base}/pods/{{name}}/log", self.log),
        ]

    async def listed(self, request: web.Request) -> web.StreamResponse:
        """A list, or a watch from now on."""
        kind = request.match_info["kind"]
        if "watch" in request.query:
            return await self.watch(request, kind)
        metadata = {"resourceVersion": str(self.version)}
        return web.json_response({"items": list(self.objects[kind].values()), "metadata": metadata})

    async def watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        """Changes since the version that is asked for, a line each."""
        answer, queue = web.StreamResponse(), asyncio.Queue[dict[str, Any]]()
        for version, of, change in self.history:
            if of == kind and version > int(request.query["resourceVersion"]):
                queue.put_nowait(change)
        await answer.prepare(request)
        self.watchers[kind].add(queue)
        while True:
            await answer.write(json.dumps(await queue.get()).encode() + b"\n")

    def tell(self, kind: str, change: str, thing: dict[str, Any]) -> None:
        """Change an object, and let the watchers know."""
        self.version += 1
        metadata = {**thing["metadata"], "namespace": "labs", "resourceVersion": str(self.version)}
        now = {**thing, "metadata": metadata}
        if change == "DELETED":
            self.objects[kind].pop(metadata["name"], None)
        else:
            self.objects[kind][metadata["name"]] = now
        told = {"type": change, "object": now}
        self.history.append((self.version, kind, told))
        for queue in self.watchers[kind]:
            queue.put_nowait(told)

    def becomes(self, pod: dict[str, Any], events: list[dict[str, Any]]) -> None:
        """Let the pod of this start be in a recorded state."""
        for event in events:
            about = {**event["involvedObject"], "uid": UID, "name": POD}
            self.tell("events", "ADDED", {**event, "involvedObject": about})
        self.tell("pods", "MODIFIED", {**pod, "metadata": {**pod["metadata"], "name": POD, "uid": UID}})

    async def create(self, request: web.Request) -> web.Response:
        """Take a pod, and let happen what follows."""
        if self.refusal:
            status, message = self.refusal
            return web.json_response({"message": message}, status=status)
        pod = await request.json()
        if POD in self.objects["pods"]:
            return web.json_response({"message": "already exists"}, status=409)
        self.made.append(pod)
        pod["metadata"] |= {"uid": UID, "namespace": "labs"}
        self.tell("pods", "ADDED", {**pod, "status": {"phase": "Pending"}})
        for state, events in self.after:
            asyncio.get_running_loop().call_soon(self.becomes, state, events)
        await asyncio.sleep(self.seconds)
        return web.json_response(pod, status=201)

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a pod at once."""
        pod = self.objects["pods"].get(request.match_info["name"])
        if pod is None:
            return web.json_response({"message": "not found"}, status=404)
        self.tell("pods", "DELETED", pod)
        return web.json_response({})

    async def read(self, request: web.Request) -> web.Response:
        """One pod."""
        return web.json_response(self.objects["pods"][request.match_info["name"]])

    async def log(self, request: web.Request) -> web.Response:
        """The end of a log."""
        return web.Response(text="Loading the catalogs\nBoom: no such catalog\n")


@pytest.fixture
async def api() -> AsyncIterator[ApiServer]:
    """The API server, to which new spawners speak."""
    server = ApiServer()
    app = web.Application()
    app.add_routes(server.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    before = Configuration.get_default_copy()
    host, port = runner.addresses[0][:2]
    Configuration.set_default(Configuration(host=f"http://{host}:{port}"))
    KubernetesLabSpawner.reflectors.clear()
    yield server
    Configuration.set_default(before)
    for reflector in KubernetesLabSpawner.reflectors.values():
        await reflector.stop()
    KubernetesLabSpawner.reflectors.clear()
    await runner.cleanup()


@pytest.mark.parametrize(
    "name", ["image_missing", "image_name", "settings", "command", "crash", "memory", "home", "home_lab"]
)
async def test_a_state_that_can_not_be_left_ends_the_start_at_once(
    api: ApiServer, spawner: Make, recorded: Callable[[str], dict[str, Any]], name: str
) -> None:
    data, lab = recorded(name), spawner()
    api.after = [(data["pod"], data["events"])]
    with pytest.raises(LabFailed) as end:
        await asyncio.wait_for(lab.start(), 10)
    assert end.value.failure.code in name
    assert lab.last_record["outcome"] == end.value.failure.code and lab.last_record["events"]
    assert lab.get_state()["start"] == lab.last_record
    await lab.stop(now=True)
    assert not api.objects["pods"]


@pytest.mark.parametrize("name", ["memory_full", "gpu", "volume_missing", "mount", "image_unreachable"])
async def test_what_may_mend_is_told_at_once_and_ends_the_start_later(
    api: ApiServer, spawner: Make, recorded: Callable[[str], dict[str, Any]], name: str
) -> None:
    data, lab = recorded(name), spawner(patience_seconds=0.3)
    api.after = [(data["pod"], data["events"])]
    starting = asyncio.ensure_future(lab.start())
    async with aclosing(lab.progress()) as reports:
        said = [report["message"] async for report in reports]
    assert any(message.endswith("Still trying.") for message in said)
    with pytest.raises(LabFailed):
        await asyncio.wait_for(starting, 10)


async def test_a_refusal_of_the_api_is_told_in_words(api: ApiServer, spawner: Make) -> None:
    api.refusal = (403, QUOTA)
    with pytest.raises(LabFailed, match="The labs of this platform use all that they may together") as end:
        await asyncio.wait_for(spawner().start(), 10)
    assert end.value.failure.details == (QUOTA,)


async def test_a_pod_that_disappears_ends_the_start(
    api: ApiServer, spawner: Make, recorded: Callable[[str], dict[str, Any]]
) -> None:
    lab = spawner()
    starting = asyncio.ensure_future(lab.start())
    async with aclosing(lab.progress()) as reports:
        async for report in reports:
            if report["stages"]:
                break
    await asyncio.sleep(0)
    api.becomes(*(recorded("gpu")[part] for part in ("pod", "events")))
    async with aclosing(lab.progress()) as reports:
        async for report in reports:
            if report["message"].endswith("Still trying."):
                api.tell("pods", "DELETED", api.objects["pods"][POD])
    with pytest.raises(LabFailed, match="removed from the cluster while it started"):
        await asyncio.wait_for(starting, 10)


async def test_a_lab_is_ready_when_its_server_answers(
    api: ApiServer, spawner: Make, recorded: Callable[[str], dict[str, Any]]
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port, data, lab = server.sockets[0].getsockname()[1], recorded("running"), spawner()
        container = {"name": "notebook", "ports": [{"name": "notebook-port", "containerPort": port}]}
        pod = {**data["pod"], "spec": {**data["pod"]["spec"], "containers": [container]}}
        pod["status"] = {**pod["status"], "podIP": "127.0.0.1"}
        api.after = [(pod, data["events"])]
        assert await asyncio.wait_for(lab.start(), 10) == f"http://127.0.0.1:{port}"
    assert lab.last_record["outcome"] == "ready" and "@sha256:" in lab.last_record["image_id"]
    assert list(lab.last_record["seconds"])[-2:] == ["started", "answering"]
    assert await lab.poll() is None


async def test_a_pod_that_a_hub_left_behind_is_removed(api: ApiServer, spawner: Make) -> None:
    pod = {"metadata": {"name": POD, "uid": "older"}, "spec": {"containers": []}, "status": {"phase": "Pending"}}
    api.tell("pods", "ADDED", pod)
    assert await spawner().poll() == 1
    assert not api.objects["pods"]


async def test_a_pod_whose_answer_came_late_is_kept_and_an_older_one_removed(api: ApiServer, spawner: Make) -> None:
    lab, api.seconds = spawner(), 1.5
    api.tell(
        "pods",
        "ADDED",
        {"metadata": {"name": POD, "uid": "older"}, "spec": {"containers": []}, "status": {"phase": "Pending"}},
    )
    lab.k8s_api_request_timeout, lab.start_timeout = 1, 9
    with pytest.raises(LabFailed, match="It stopped at: looking for a machine with room"):
        await lab.start()
    assert len(api.made) == 1 and lab.current.uid == UID


async def test_a_start_that_its_user_ends_is_over(api: ApiServer, spawner: Make) -> None:
    lab = spawner()
    starting = asyncio.ensure_future(lab.start())
    async with aclosing(lab.progress()) as reports:
        async for report in reports:
            if report["stages"]:
                starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert lab.current.over and lab.current.problem is None
