"""Starts a lab as a pod: KubeSpawner, told at once by the cluster, with a reason for each start that fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from aiohttp import ClientError
from jupyterhub.utils import exponential_backoff
from kubernetes_asyncio.client import V1Container, V1DeleteOptions, V1Pod
from kubernetes_asyncio.client.rest import ApiException
from kubespawner.spawner import KubeSpawner
from kubespawner.utils import get_k8s_model
from traitlets import Float, Instance

from uraniborg_hub.kubernetes import metrics
from uraniborg_hub.kubernetes.diagnosis import problem, too_late
from uraniborg_hub.kubernetes.ended import LINES
from uraniborg_hub.kubernetes.failure import LAB, Facts, Failure, LabFailed, Object
from uraniborg_hub.kubernetes.follow import Follower, facts
from uraniborg_hub.kubernetes.pod import MARGIN, folder_maker
from uraniborg_hub.kubernetes.profiles import profile_list
from uraniborg_hub.kubernetes.refusals import refused, words
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.kubernetes.start import Start
from uraniborg_hub.kubernetes.watch import LabEvents, LabPods
from uraniborg_hub.lab.culling.informed import InformedSpawner

CONFLICT = 409
START = "uraniborg/start"
"""The annotation that says which start a pod is of."""
EVENT_SECONDS = 0.2
"""Seconds by which an event may come later than the status that it explains."""
LOG_SECONDS = 2.0
"""Seconds that reading a log may take."""
GONE_SECONDS = 10.0
"""Seconds beyond its own time after which a pod that does not go is removed by force: its machine may be dead."""


class KubernetesLabSpawner(InformedSpawner, KubeSpawner):
    """A lab per user as a pod of the labs' namespace.

    `start` returns once the lab's server answers, or raises `LabFailed` at the first state that it can't leave.
    Nothing is asked in growing pauses: a change of the pod or a new event of it wakes the start up.
    The record of the last start is part of the spawner's state in the hub's database.
    """

    settings = Instance(Kubernetes, help="The settings' table `[kubernetes]`.").tag(config=True)
    answer_seconds = Float(
        60.0,
        help="Seconds for which the address of a running lab may give no answer. One that refuses the hub's connection"
        " is that of a lab whose server still starts: `start_timeout` bounds that.",
    ).tag(config=True)

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.current = Start()
        KubeSpawner.__init__(self, *args, **kwargs)
        self.last_record: dict[str, Any] = {}
        self.folder_made = ""
        if not self.profile_list:
            self.profile_list = self._profiles

    async def start(self) -> str:
        """Start the lab and give its private address as soon as it answers.

        Raises
        ------
        LabFailed
            It did not come up; says why, and what to do.
        """
        self._start_future = asyncio.ensure_future(self._explained())
        address: str = await self._start_future
        return address

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Give what the page of a starting lab shows, whenever it changes."""
        start = self.current
        while True:
            news = start.news
            yield start.report()
            if start.over or "routed" in start.marks:
                return
            await news.wait()

    def add_poll_callback(self, callback: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Take what JupyterHub calls when the lab ends; it gives it as soon as the lab's route is open."""
        KubeSpawner.add_poll_callback(self, callback, *args, **kwargs)
        start = self.current
        if start.over or "answering" not in start.marks:
            return
        start.mark("routed")
        start.end(None)
        metrics.observe(start.marks)
        # The database has the record without this last stage: one commit more would be a tenth of a start's cost.
        self._keep(start)

    async def poll(self) -> int | None:
        """Give None while the pod runs, otherwise its exit code.

        A pod that still waits, and for which no start of this process waits, is what a hub left that was ended in
        the middle: it is removed.
        """
        await self._start_watching_pods()
        pod = self._pod()
        if pod and pod["status"].get("phase") == "Pending" and self._start_future is None:
            await self.stop(now=True)
            return 1
        failure = problem(self._facts(pod)) if pod else None
        if failure and failure.final and not self._starting:
            self.log.warning("The lab of %s ended: %s %s", self.user.name, failure.text, list(failure.details))
        status: int | None = await KubeSpawner.poll(self)
        return status

    async def stop(self, now: bool = False) -> None:
        """Remove the pod and return when it is gone; one on a dead machine is removed by force."""
        pods = await self._start_watching_pods()
        grace = 0 if now else self.delete_grace_period
        changed, key = asyncio.Event(), self._key
        pods.listeners.add(key, changed)
        try:
            await self._delete(grace)
            try:
                async with asyncio.timeout(grace + GONE_SECONDS):
                    await self._gone(changed)
            except TimeoutError:
                self.log.warning("Pod %s does not go; removing it by force.", key)
                await self._delete(0)
                async with asyncio.timeout(GONE_SECONDS):
                    await self._gone(changed)
        finally:
            pods.listeners.remove(key, changed)

    def get_state(self) -> dict[str, Any]:
        """Give KubeSpawner's state, the last start's record, and which folder is made."""
        state: dict[str, Any] = super().get_state()
        return {**state, "start": self.last_record, "folder_made": self.folder_made}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up that state."""
        super().load_state(state)
        self.last_record = state.get("start") or {}
        self.folder_made = state.get("folder_made") or ""

    def clear_state(self) -> None:
        """Forget the pod; the record of the last start stays, and the next one begins anew."""
        super().clear_state()
        self.current = Start()

    async def get_pod_manifest(self) -> V1Pod:
        """Give the pod; the first one of a user on a shared volume makes the user's folder there."""
        pod: V1Pod = await KubeSpawner.get_pod_manifest(self)
        pod.metadata.annotations[START] = self.current.id
        if self.settings.home.kind == "shared" and self.folder_made != self.folder:
            lab = self.api.api_client.sanitize_for_serialization(pod.spec.containers[0])
            maker = get_k8s_model(V1Container, folder_maker(lab))
            pod.spec.init_containers = [maker, *(pod.spec.init_containers or [])]
        return pod

    async def load_user_options(self) -> None:
        """Take the chosen profile.

        Raises
        ------
        LabFailed
            There is no such profile for this user.
        """
        try:
            await KubeSpawner.load_user_options(self)
        except ValueError as error:
            raise LabFailed(_no_profile(str(self.user_options.get("profile")), str(error))) from error

    async def _render_options_form_dynamically(self, current_spawner: KubeSpawner) -> str:
        profiles = self._profiles(current_spawner)
        if len(profiles) < 2 and self.profile_list == self._profiles:
            return ""
        render: Callable[[KubeSpawner], Awaitable[str]] = super()._render_options_form_dynamically
        return await render(current_spawner)

    def _profiles(self, spawner: KubeSpawner) -> list[dict[str, Any]]:
        return profile_list(self.settings, {group.name for group in getattr(spawner.user, "groups", ())})

    @property
    def events(self) -> list[Object]:
        """The events of this start's pod, oldest first."""
        return list(self.event_reflector.of(self.current.uid)) if self.event_reflector else []

    @property
    def _key(self) -> str:
        return f"{self.namespace}/{self.pod_name}"

    @property
    def folder(self) -> str:
        """Which folder on which volume holds the user's files."""
        return f"{self.settings.home.claim}/{self._expand_user_properties('{username}')}"

    @property
    def _starting(self) -> bool:
        return self._start_future is not None and not self._start_future.done()

    def _pod(self) -> dict[str, Any] | None:
        pod: dict[str, Any] | None = self.pod_reflector.pods.get(self._key)
        return pod

    def _facts(self, pod: Object) -> Facts:
        return facts(pod, self.event_reflector)

    async def _explained(self) -> str:
        """Start, and turn everything that can go wrong into a `LabFailed` whose words are kept."""
        start, limit = self.current, max(1.0, self.start_timeout - MARGIN)
        try:
            async with asyncio.timeout(limit):
                return await self._come_up(start)
        except LabFailed as error:
            failure = error.failure
        except ApiException as error:
            failure = refused(error.status, words(error.body, error.reason))
        except TimeoutError:
            failure = too_late(start.facts, start.seconds, start.reached)
        except (OSError, ClientError) as error:
            failure = refused(0, str(error))
        except BaseException:
            # Its user has ended it, or a mistake of ours: nobody shall wait for news of it.
            start.end(None)
            raise
        failure = await self._with_log(start, failure)
        await self._last_events(start)
        if failure.code == "home":
            self.folder_made = ""
        start.end(failure)
        metrics.FAILURES.labels(code=failure.code).inc()
        self._keep(start)
        raise LabFailed(failure)

    async def _come_up(self, start: Start) -> str:
        """Let KubeSpawner make the pod, and watch it ourselves."""
        make: Callable[[], Coroutine[Any, Any, str]] = super()._start
        making = asyncio.ensure_future(make())
        watching = asyncio.ensure_future(self._watched(start))
        try:
            await asyncio.wait({making, watching}, return_when=asyncio.FIRST_COMPLETED)
            if making.done() and not watching.done():
                making.result()
            return await watching
        finally:
            making.cancel()
            watching.cancel()
            await asyncio.gather(making, watching, return_exceptions=True)

    async def _make_create_pod_request(self, pod: V1Pod, request_timeout: float) -> bool:
        """Make the pod and note its UID; one of the same name that is there already is removed first."""
        try:
            async with asyncio.timeout(request_timeout):
                uid = (await self._posted(pod))["metadata"]["uid"]
        except TimeoutError:
            return False
        except ApiException as error:
            if error.status != CONFLICT:
                raise
            own = await self._own_pod()
            if own is None:
                self.log.info("Pod %s is there already; removing it first.", self._key)
                await self.stop(now=True)
                return False
            uid = own.metadata.uid
        self.current.uid = uid
        self.current.mark("queued")
        self.current.created.set()
        return True

    async def _posted(self, pod: V1Pod) -> Object:
        """Make the pod and give the cluster's answer as it is: a hundred nested models of it cost the loop 1 ms."""
        media = "application/json"
        made: Object = await self.api.api_client.call_api(
            "/api/v1/namespaces/{namespace}/pods",
            "POST",
            {"namespace": self.namespace},
            header_params={"Accept": media, "Content-Type": media},
            body=pod,
            response_types_map={201: "object"},
            auth_settings=["BearerToken"],
            _return_http_data_only=True,
        )
        return made

    async def _own_pod(self) -> V1Pod | None:
        """Give the pod of this name where it is of this start: made by a request whose answer came too late."""
        try:
            found: V1Pod = await self.api.read_namespaced_pod(self.pod_name, self.namespace)
        except ApiException as error:
            self.log.info("Pod %s can't be read: %s", self._key, error.reason)
            return None
        return found if (found.metadata.annotations or {}).get(START) == self.current.id else None

    async def _watched(self, start: Start) -> str:
        """Follow this start's pod until its server answers."""
        await start.created.wait()
        with Follower(start=start, pods=self.pod_reflector, events=self.event_reflector, key=self._key) as follower:
            pod = await follower.running(self.settings.patience_seconds)
            prefix = self.server.base_url if self.server else "/"
            address = pod["status"]["podIP"], self._get_pod_port(pod)
            await follower.answering(address, f"{prefix}api", self.answer_seconds)
        start.mark("answering")
        self.folder_made, self.last_record = self.folder, start.record()
        url: str = self._get_pod_url(pod)
        return url

    async def _with_log(self, start: Start, failure: Failure) -> Failure:
        """Add the log's last lines where they say more, while the pod is still there."""
        if start.facts is None or "started" not in start.marks or len(failure.details) >= LINES:
            return failure
        lines = await self._log_tail(start.facts.lab)
        return replace(failure, details=lines) if len(lines) > len(failure.details) else failure

    async def _last_events(self, start: Start) -> None:
        """Take in what is still on its way: events come by another connection than the pod's status."""
        if start.facts is not None:
            await asyncio.sleep(EVENT_SECONDS)
            start.facts = self._facts(start.facts.pod)

    async def _log_tail(self, lab: Object) -> tuple[str, ...]:
        # Where the kubelet has started the container again, the log that tells the reason is the one before.
        again = "terminated" in (lab.get("lastState") or {}) and "terminated" not in (lab.get("state") or {})
        try:
            async with asyncio.timeout(LOG_SECONDS):
                text = await self.api.read_namespaced_pod_log(
                    self.pod_name, self.namespace, container=LAB, tail_lines=LINES, previous=again
                )
        except (ApiException, OSError, TimeoutError) as error:
            self.log.info("The log of pod %s can't be read: %s", self._key, error)
            return ()
        return tuple(line.rstrip()[:500] for line in str(text).splitlines() if line.strip())

    def _keep(self, start: Start) -> None:
        self.last_record = start.record()
        self.log.info("Start of the lab of %s: %s", self.user.name, json.dumps(self.last_record))

    async def _delete(self, grace: int) -> None:
        options = V1DeleteOptions(grace_period_seconds=grace)
        await exponential_backoff(
            lambda: self._make_delete_pod_request(self.pod_name, options, grace, self.k8s_api_request_timeout),
            f"The cluster did not remove pod {self._key}",
            timeout=self.k8s_api_request_retry_timeout,
        )

    async def _gone(self, changed: asyncio.Event) -> None:
        while self._pod() is not None:
            changed.clear()
            await changed.wait()

    async def _start_watching_pods(self, replace: bool = False) -> LabPods:
        pods: LabPods = await self._start_reflector(
            kind="pods", reflector_class=LabPods, labels={"component": self.component_label}, replace=replace
        )
        return pods

    async def _start_watching_events(self, replace: bool = False) -> LabEvents:
        events: LabEvents = await self._start_reflector(
            kind="events", reflector_class=LabEvents, fields={"involvedObject.kind": "Pod"}, replace=replace
        )
        return events


def _no_profile(name: str, details: str) -> Failure:
    return Failure(
        code="profile",
        sentence=f"There is no lab {name!r} that you may start.",
        next_step="Choose one of the list.",
        details=(details,),
    )
