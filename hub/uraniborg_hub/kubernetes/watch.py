"""KubeSpawner's views of pods and events, which tell at once what has changed, and index events by pod."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar, overload

from kubespawner.spawner import EventReflector, PodReflector

from uraniborg_hub.kubernetes.failure import Object

T = TypeVar("T")
Fetch = Callable[[str | None], Awaitable[str]]
Tell = Callable[[str, Object | None, Object | None], None]
"""Takes a key, what it was, and what it is now (None: gone)."""


class Told(dict[str, Object]):
    """A dictionary that tells of each change; KubeSpawner's reflectors write into it."""

    def __init__(self, content: Mapping[str, Object], tell: Tell) -> None:
        super().__init__(content)
        self._tell = tell

    def __setitem__(self, key: str, value: Object) -> None:
        before = self.get(key)
        super().__setitem__(key, value)
        self._tell(key, before, value)

    @overload
    def pop(self, key: str, /) -> Object: ...
    @overload
    def pop(self, key: str, default: Object, /) -> Object: ...
    @overload
    def pop(self, key: str, default: T, /) -> Object | T: ...

    def pop(self, key: str, *default: object) -> object:
        """Take a key out, and tell."""
        before = self.get(key)
        value = super().pop(key, *default)
        self._tell(key, before, None)
        return value


def differences(before: Mapping[str, Object], now: Mapping[str, Object]) -> tuple[str, ...]:
    """Give the keys whose object came, went or changed, by its resource version."""

    def version(objects: Mapping[str, Object], key: str) -> object:
        return objects[key]["metadata"].get("resourceVersion") if key in objects else None

    return tuple(key for key in {**before, **now} if version(before, key) != version(now, key))


class Listeners:
    """Who wants to hear of which object."""

    def __init__(self) -> None:
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def add(self, key: str, event: asyncio.Event) -> None:
        """Set `event` at each change of the object with this key, from now on."""
        self._events[key].add(event)

    def remove(self, key: str, event: asyncio.Event) -> None:
        """Stop that."""
        self._events[key].discard(event)
        if not self._events[key]:
            del self._events[key]

    def tell(self, key: str) -> None:
        """Set the events of who listens to this object."""
        for event in self._events.get(key, ()):
            event.set()


class LabPods(PodReflector):
    """The pods of labs. `listeners` hear of changes by `namespace/name`."""

    # A full list costs the hub's loop time (107 ms for 1000 pods): the watch is trusted for longer than 10 s.
    timeout_seconds = 50
    restart_seconds = 300

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.listeners = Listeners()
        PodReflector.__init__(self, *args, **kwargs)

    async def _list_and_update(self, resource_version: str | None = None) -> str:
        before = dict(self.resources)
        fetch: Fetch = super()._list_and_update
        version = await fetch(resource_version)
        self.resources = Told(self.resources, lambda key, was, now: self.listeners.tell(key))
        for key in differences(before, self.resources):
            self.listeners.tell(key)
        return version


class LabEvents(EventReflector):
    """The events of labs' pods, by the pod's UID. `listeners` hear of new ones by that UID."""

    timeout_seconds = 50
    restart_seconds = 300

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.listeners = Listeners()
        self._index: defaultdict[str, dict[str, Object]] = defaultdict(dict)
        EventReflector.__init__(self, *args, **kwargs)

    def of(self, uid: str) -> tuple[Object, ...]:
        """Give the events of one pod, oldest first; the cost does not depend on the number of other events."""
        return tuple(sorted(self._index.get(uid, {}).values(), key=moment))

    async def _list_and_update(self, resource_version: str | None = None) -> str:
        before = dict(self.resources)
        fetch: Fetch = super()._list_and_update
        version = await fetch(resource_version)
        self._index.clear()
        for key, event in self.resources.items():
            self._index[pod_of(event)][key] = event
        self.resources = Told(self.resources, self._changed)
        for key in differences(before, self.resources):
            self.listeners.tell(pod_of(self.resources.get(key) or before[key]))
        return version

    def _changed(self, key: str, before: Object | None, now: Object | None) -> None:
        uid = pod_of(now or before or {})
        if now is None:
            self._index[uid].pop(key, None)
            if not self._index[uid]:
                del self._index[uid]
        else:
            self._index[uid][key] = now
        self.listeners.tell(uid)


def pod_of(event: Object) -> str:
    """Give the UID of the object that an event is about."""
    return str((event.get("involvedObject") or {}).get("uid", ""))


def moment(event: Object) -> str:
    """Give when an event last happened, as text that sorts."""
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")
