"""Breaks a pod in each way on a real cluster and keeps what the API says of it: `record.py NAMESPACE IMAGE`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS = 300
Pod = dict[str, Any]


def pod(name: str, image: str, **changes: object) -> Pod:
    """A pod with the shape of a lab's; `changes` are of its one container."""
    container = {
        "name": "notebook",
        "image": image,
        "args": ["python3", "-c", "import time; time.sleep(600)"],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **changes,
    }
    spec = {"containers": [container], "restartPolicy": "OnFailure", "terminationGracePeriodSeconds": 0}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"case-{name.replace('_', '-')}"},
        "spec": {**spec, "automountServiceAccountToken": False},
    }


def with_volume(made: Pod, volume: dict[str, Any]) -> Pod:
    """The pod with this volume mounted."""
    made["spec"]["volumes"] = [{"name": "home", **volume}]
    made["spec"]["containers"][0]["volumeMounts"] = [{"name": "home", "mountPath": "/home/lab"}]
    return made


def with_spec(made: Pod, **changes: object) -> Pod:
    """The pod with changes of its spec."""
    made["spec"].update(changes)
    return made


def asking(name: str, image: str, **requests: str) -> Pod:
    """A pod that asks for so much."""
    return pod(name, image, resources={"requests": requests, "limits": requests})


def python(name: str, image: str, code: str) -> Pod:
    """A pod that runs this."""
    return pod(name, image, args=["python3", "-c", code])


def homeless(image: str) -> Pod:
    """A pod whose first container can't make the user's folder."""
    made = pod("home", image)
    first = {**made["spec"]["containers"][0], "name": "home", "command": ["sh", "-c", "mkdir /homes/labs"], "args": []}
    return with_spec(made, initContainers=[first])


def waits(*reasons: str) -> Callable[[Pod], bool]:
    """Whether the container waits for one of these reasons."""
    return lambda seen: any(
        (each["state"].get("waiting") or {}).get("reason") in reasons for each in statuses(seen, "containerStatuses")
    )


def ended(seen: Pod, kind: str = "containerStatuses") -> bool:
    """Whether a container has ended."""
    return any("terminated" in {**each["state"], **each["lastState"]} for each in statuses(seen, kind))


def statuses(seen: Pod, kind: str) -> list[dict[str, Any]]:
    """The statuses of containers."""
    found: list[dict[str, Any]] = seen["status"].get(kind, [])
    return found


def unschedulable(seen: Pod) -> bool:
    """Whether the scheduler has refused it."""
    return any(each["type"] == "PodScheduled" and each["status"] == "False" for each in seen["status"]["conditions"])


def runs(seen: Pod) -> bool:
    """Whether it runs."""
    return bool(seen["status"]["phase"] == "Running")


def cases(image: str) -> dict[str, tuple[Pod, Callable[[Pod], bool] | str]]:
    """Name to pod and the moment at which to look: a state, or the reason of an event."""
    registry = image.partition("/")[0]
    absent = {"persistentVolumeClaim": {"claimName": "absent"}}
    unbound = {"persistentVolumeClaim": {"claimName": "unbound"}}
    boom = "import sys\nprint('Loading the catalogs', flush=True)\nsys.exit('Boom: no such catalog')"
    return {
        "running": (pod("running", image), runs),
        "image_missing": (pod("image_missing", f"{registry}/uraniborg/absent:1"), waits("ErrImagePull")),
        "image_backoff": (pod("image_backoff", f"{registry}/uraniborg/absent:1"), waits("ImagePullBackOff")),
        "image_name": (pod("image_name", "Not/A:Name:"), waits("InvalidImageName")),
        "image_absent": (pod("image_absent", "localhost/none:1", imagePullPolicy="Never"), waits("ErrImageNeverPull")),
        "image_unreachable": (pod("image_unreachable", "nowhere.invalid/lab:1"), waits("ErrImagePull")),
        "memory_full": (asking("memory_full", image, cpu="100m", memory="4000Gi"), unschedulable),
        "cpu_full": (asking("cpu_full", image, cpu="900", memory="64Mi"), unschedulable),
        "gpu": (asking("gpu", image, **{"nvidia.com/gpu": "1"}), unschedulable),
        "selector": (with_spec(pod("selector", image), nodeSelector={"kind": "absent"}), unschedulable),
        "reserved": (with_spec(pod("reserved", image), nodeSelector={"kind": "reserved"}), unschedulable),
        "volume_missing": (with_volume(pod("volume_missing", image), absent), unschedulable),
        "volume_unbound": (with_volume(pod("volume_unbound", image), unbound), unschedulable),
        "mount": (with_volume(pod("mount", image), {"configMap": {"name": "absent"}}), "FailedMount"),
        "settings": (
            pod("settings", image, env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "a"}}}]),
            waits("CreateContainerConfigError"),
        ),
        "command": (pod("command", image, command=["/no/such/program"]), ended),
        "crash": (python("crash", image, boom), ended),
        "silent_crash": (python("silent_crash", image, "import os; os._exit(7)"), ended),
        "memory": (python("memory", image, "data = bytearray(1 << 30); print(len(data))"), ended),
        "home": (homeless(image), lambda seen: ended(seen, "initContainerStatuses")),
        "home_lab": (python("home_lab", image, "raise SystemExit(73)"), ended),
    }


def kubectl(*arguments: str, text: str | None = None) -> str:
    """Run kubectl and give what it prints."""
    return subprocess.run(["kubectl", *arguments], input=text, capture_output=True, text=True, check=True).stdout


def events_of(namespace: str, uid: str) -> list[dict[str, Any]]:
    """The events of a pod, oldest first."""
    listed = kubectl("get", "events", "-n", namespace, f"--field-selector=involvedObject.uid={uid}", "-o", "json")
    items: list[dict[str, Any]] = json.loads(listed)["items"]
    return sorted(items, key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime")))


def record(namespace: str, made: Pod, moment: Callable[[Pod], bool] | str) -> dict[str, Any]:
    """Make the pod, wait for the moment, and give pod and events as they are then."""
    kubectl("apply", "-n", namespace, "-f", "-", text=json.dumps(made))
    name, deadline = made["metadata"]["name"], time.monotonic() + SECONDS
    try:
        while time.monotonic() < deadline:
            seen = json.loads(kubectl("get", "pod", name, "-n", namespace, "-o", "json"))
            events = [slim(each) for each in events_of(namespace, seen["metadata"]["uid"])]
            told = moment in {each["reason"] for each in events} if isinstance(moment, str) else moment(seen)
            if told:
                return {"pod": slim(seen), "events": events}
            time.sleep(0.1)
        raise TimeoutError(f"{name}: {json.dumps(seen['status'], indent=1)}")
    finally:
        kubectl("delete", "pod", name, "-n", namespace, "--grace-period=0", "--force", "--wait=false")


def slim(thing: dict[str, Any]) -> dict[str, Any]:
    """The object without what only its history needs."""
    metadata = {key: value for key, value in thing["metadata"].items() if key not in {"managedFields", "annotations"}}
    return {**thing, "metadata": metadata}


def main(namespace: str, image: str, *names: str) -> None:
    """Record all cases, or those that are named."""
    for name, (made, moment) in cases(image).items():
        if not names or name in names:
            found = record(namespace, made, moment)
            (HERE / f"{name}.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
