"""Follows the pod of one start: woken up by each change of it, until its server answers or it can't get on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from uraniborg_hub.kubernetes.answer import NoAnswer, answers
from uraniborg_hub.kubernetes.diagnosis import problem, removed, unreachable
from uraniborg_hub.kubernetes.failure import Facts, LabFailed, Object
from uraniborg_hub.kubernetes.scheduling import growing
from uraniborg_hub.kubernetes.stages import reached
from uraniborg_hub.kubernetes.start import Start
from uraniborg_hub.kubernetes.watch import LabEvents, LabPods


def facts(pod: Object, events: LabEvents | None) -> Facts:
    """Give what is known of a pod now."""
    return Facts(pod=pod, events=events.of(pod["metadata"]["uid"]) if events else ())


@dataclass(kw_only=True, eq=False)
class Follower:
    """Listens, as long as its block lasts, to the pod that a start has made."""

    start: Start
    pods: LabPods
    events: LabEvents | None
    key: str
    """The pod's `namespace/name`."""

    def __enter__(self) -> Self:
        """Begin to listen."""
        self.pods.listeners.add(self.key, self.start.changed)
        if self.events:
            self.events.listeners.add(self.start.uid, self.start.changed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop that."""
        self.pods.listeners.remove(self.key, self.start.changed)
        if self.events:
            self.events.listeners.remove(self.start.uid, self.start.changed)

    async def running(self, patience: float) -> dict[str, Any]:
        """Give the pod once its lab's container runs and it has an address.

        Raises
        ------
        LabFailed
            It can't get on, or has not got on for `patience` seconds.
        """
        while True:
            self.start.changed.clear()
            pod = self.look()
            if pod and pod["status"].get("podIP") and "started" in self.start.marks:
                return pod
            try:
                async with asyncio.timeout(self._left(patience)):
                    await self.start.changed.wait()
            except TimeoutError as error:
                if self.start.problem is not None:
                    raise LabFailed(self.start.problem) from error

    async def answering(self, address: tuple[str, int], path: str, seconds: float) -> None:
        """Return once the server at this address answers; while it refuses connections, it is still starting.

        Raises
        ------
        LabFailed
            Its pod can't get on, or for `seconds` its address gave no answer.
        """
        asking = asyncio.ensure_future(answers(*address, path, seconds))
        try:
            while not asking.done():
                self.start.changed.clear()
                self.look()
                change = asyncio.ensure_future(self.start.changed.wait())
                await asyncio.wait({asking, change}, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
            asking.result()
        except NoAnswer as error:
            raise LabFailed(unreachable("{}:{}".format(*address), self.start.facts)) from error
        finally:
            asking.cancel()

    def look(self) -> dict[str, Any] | None:
        """Note what the cluster has told of the pod, and give it; None where it has told nothing yet.

        Raises
        ------
        LabFailed
            It can't get on.
        """
        pod: dict[str, Any] | None = self.pods.pods.get(self.key)
        if pod is None or pod["metadata"]["uid"] != self.start.uid:
            if self.start.facts is not None:
                raise LabFailed(removed())
            return None
        self.start.facts = facts(pod, self.events)
        self.start.mark(reached(self.start.facts))
        failure = problem(self.start.facts)
        if failure and failure.final:
            raise LabFailed(failure)
        self.start.trouble(failure)
        return pod

    def _left(self, patience: float) -> float | None:
        """Give the seconds after which the present trouble ends the start; None: it may last."""
        if self.start.problem is None or (self.start.facts and growing(self.start.facts)):
            return None
        return max(0.0, self.start.since + patience - self.start.seconds)
