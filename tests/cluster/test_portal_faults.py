"""A replica of the portal dies while twenty people use it and a job runs there: nothing is lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from deployed import faults
from deployed.crowd import ROWS, Crowd, Visitor
from deployed.store import KEY, store
from deployed.waiting import until
from deployed.work import FINAL, start_job
from httpx_sse import SSEError, connect_sse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deployed.cluster import Cluster
    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

PEOPLE = 20
PORTAL = "services/portal/"
SHARED = "portal-shared"
"""Name of the Secret that opens the store, and of the claim of the catalogs."""
JOB_SECONDS = 180
BACK_SECONDS = 180
QUIET_SECONDS = 45
"""A stream that says nothing for so long is dead, as our library has it: the proxy does not close it."""
AT_ONCE = 2
"""Jobs that one replica runs: where there are more, both do."""
JOBS = 12
"""Different ones: several people ask for the same, which is made once."""
MORE = 60
"""Requests before the fault, and once both replicas are there again."""
ASKED = "pod is asked to end"


def vanish(cluster: Cluster, pod: dict[str, Any]) -> None:
    """Take a replica away in the midst of its jobs: a pod that is only removed has two seconds to end them."""
    faults.crash(cluster, pod)
    faults.kill(cluster, pod)


WAYS: dict[str, Callable[[Cluster, dict[str, Any]], None]] = {
    "program crashes": faults.crash,
    "pod is killed": vanish,
    ASKED: faults.end,
}


@pytest.fixture(scope="module")
def replicated(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with two portals that share catalogs on a volume and files on S3."""
    if platform.cluster.here is None:
        pytest.skip("The pods of a cluster that is not this machine's own reach no S3 server here.")
    cluster, folder = platform.cluster, tmp_path_factory.mktemp("values")
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": SHARED},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    where = ("-n", platform.namespace)
    with store() as files:
        portal = {
            "replicas": 2,
            "files": files.files(SHARED),
            "catalogs": {"existingClaim": SHARED, "accessModes": ["ReadWriteMany"]},
            "networkPolicy": {"egress": [files.egress()]},
        }
        secrets = [f"--from-literal={name}={value}" for name, value in KEY.items()]
        try:
            cluster.kubectl("create", "secret", "generic", SHARED, *where, *secrets)
            cluster.kubectl("create", *where, "-f", "-", text=json.dumps(claim))
            platform.install(folder, {"portal": portal})
            yield platform
        finally:
            platform.install(folder)
            cluster.kubectl("delete", "secret,persistentvolumeclaim", SHARED, *where, "--ignore-not-found")


@pytest.fixture(scope="module")
def people(replicated: Platform) -> list[Person]:
    """Users, without labs."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(replicated.sign_in, [f"visitor-{number:02}" for number in range(PEOPLE)]))


def visitor(person: Person) -> Visitor:
    """A user at the portal's pages."""
    url = f"{person.url}{PORTAL}"
    http = httpx.Client(base_url=url, headers=person.headers, timeout=60, trust_env=False)
    return Visitor(http=http)


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a job said, and when that was heard."""

    number: int
    kind: str
    data: dict[str, Any]
    heard: float


class Following(threading.Thread):
    """Hears what a job says to its end, as our library does: where a stream ends, it asks for what came after."""

    def __init__(self, person: Person, job: str) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.job = job
        self.url = f"{person.url}{PORTAL}api/jobs/{job}/events"
        self.events: list[Event] = []
        self.broken: list[str] = []

    def run(self) -> None:
        """Ask again until the job has ended."""
        with httpx.Client(timeout=QUIET_SECONDS, trust_env=False) as client:
            while not self.states or self.states[-1] not in FINAL:
                try:
                    self.hear(client)
                except (httpx.TransportError, SSEError) as error:
                    self.broken.append(repr(error))
                threading.Event().wait(1)

    def hear(self, client: httpx.Client) -> None:
        """Take what comes until the stream ends."""
        after = {"Last-Event-ID": str(len(self.events))}
        with connect_sse(client, "GET", self.url, headers=self.person.headers | after) as source:
            for event in source.iter_sse():
                if event.data:
                    data, now = json.loads(event.data), time.monotonic()
                    self.events.append(Event(number=int(event.id), kind=event.event, data=data, heard=now))

    @property
    def states(self) -> list[str]:
        """The states that the job went through."""
        return [event.data["state"] for event in self.events if event.kind == "state"]

    @property
    def runs(self) -> bool:
        """Whether the job is in the hands of a replica."""
        return self.states[-1:] == ["running"]

    @property
    def taken_up(self) -> bool:
        """Whether it was run a second time."""
        return self.states.count("running") > 1

    def seconds_lost(self, fault: float) -> float:
        """Seconds from a fault until the job, taken up, ran again."""
        return max(event.heard for event in self.events if event.data.get("state") == "running") - fault


def life(pod: dict[str, Any]) -> tuple[str, int]:
    """What changes when a pod, or the program in it, is another one."""
    return pod["metadata"]["uid"], pod["status"]["containerStatuses"][0]["restartCount"]


def replicas(platform: Platform) -> list[dict[str, Any]]:
    """The replicas that answer."""
    return [pod for pod in platform.pods("portal") if faults.ready(pod)]


def until_two(platform: Platform) -> list[dict[str, Any]]:
    """Wait until both replicas answer, and give them."""
    until(lambda: len(replicas(platform)) == 2, BACK_SECONDS, "Two replicas answer")
    return replicas(platform)


def read(person: Person, pod: dict[str, Any], path: str) -> httpx.Response:
    """Ask one replica itself."""
    url = f"http://{pod['status']['podIP']}:8000/{PORTAL}api/{path}"
    answer = httpx.get(url, headers=person.headers, timeout=60, trust_env=False)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
    return answer


def check_product(person: Person, job: str, pods: list[dict[str, Any]]) -> None:
    """Every replica shows the job as done, and gives the same files of what it made."""
    given = []
    for pod in pods:
        product = read(person, pod, f"jobs/{job}").json()["product"]
        described = read(person, pod, f"products/{product}").json()
        files = [read(person, pod, f"products/{product}/files/{each['name']}").content for each in described["files"]]
        assert files and all(files)
        given.append((described, files))
    assert all(each == given[0] for each in given)


def check_results(person: Person, crowd: Crowd, pods: list[dict[str, Any]]) -> int:
    """Every replica has every result that somebody was told of; gives how many there are."""
    wanted = [(pod, result) for pod in pods for visitor in crowd.visitors for result in visitor.results]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda each: read(person, each[0], f"queries/{each[1]}/rows").json(), wanted)
        assert all(len(answer["rows"]) == ROWS for answer in answers)
    return len(wanted) // len(pods)


def is_whole(platform: Platform, victim: dict[str, Any]) -> bool:
    """Whether two replicas answer, and none is the one that died."""
    found = {life(pod) for pod in replicas(platform)}
    return len(found) == 2 and life(victim) not in found


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_lost_when_a_replica_dies_under_load(
    replicated: Platform, people: list[Person], figures: Figures, way: str
) -> None:
    (victim, _) = until_two(replicated)
    crowd = Crowd(visitors=[visitor(person) for person in people])
    with crowd.at_work():
        until(lambda: crowd.asked > MORE, 120, "Everybody is at work")
        followers = [Following(person, job) for person, job in zip(people, jobs_of(people, crowd, way), strict=True)]
        for follower in followers:
            follower.start()
        until(lambda: sum(each.runs for each in followers) > AT_ONCE, 120, "Both replicas run jobs")
        fault = time.monotonic()
        WAYS[way](replicated.cluster, victim)
        back = until(lambda: is_whole(replicated, victim), BACK_SECONDS, "Two replicas answer again")
        for follower in followers:
            follower.join(max(0, fault + JOB_SECONDS - time.monotonic()))
        asked = crowd.asked
        until(lambda: crowd.asked > asked + MORE, 120, "Everybody is still at work")
    say(figures, crowd, followers, fault)
    figures.say("seconds until two replicas answered again", back)
    assert crowd.failed == [], crowd.again
    for follower in followers:
        assert [event.number for event in follower.events] == list(range(1, len(follower.events) + 1))
        assert follower.states[-1] == "done", follower.events[-1]
    # A replica that is asked to end first answers what it was sent; its jobs may be done by then.
    assert way == ASKED or any(each.taken_up for each in followers)
    pods = until_two(replicated)
    for follower in followers:
        check_product(follower.person, follower.job, pods)
    figures.say("results that both replicas have", check_results(people[0], crowd, pods))


def jobs_of(people: list[Person], crowd: Crowd, way: str) -> list[str]:
    """Have everybody start a job, and look after it; nobody has run them before."""
    first = 50 + JOBS * list(WAYS).index(way)
    bands = [first + number % JOBS for number in range(len(people))]
    # All at once, so that both replicas have jobs at one time.
    with ThreadPoolExecutor(len(people)) as pool:
        for each, job in zip(crowd.visitors, pool.map(start_job, people, bands), strict=True):
            each.job = job
    return [each.job for each in crowd.visitors]


def say(figures: Figures, crowd: Crowd, followers: list[Following], fault: float) -> None:
    """Say what the fault cost those who were there."""
    again = [moment - fault for moment, _ in crowd.again]
    lost = [each.seconds_lost(fault) for each in followers if each.taken_up]
    figures.say(f"requests of {PEOPLE} people", crowd.asked)
    figures.say("of them sent a second time", len(again))
    figures.say("the last of these so many seconds after the fault", max(again, default=0.0))
    figures.say("failed for good", len(crowd.failed))
    figures.say("seconds until the slowest answer", crowd.slowest)
    figures.say("jobs", len(followers))
    figures.say("of them taken up again", len(lost))
    figures.say("seconds until the last of these ran again", max(lost, default=0.0))
    figures.say("streams of events that broke and went on", sum(bool(each.broken) for each in followers))
    figures.say("events", sum(len(each.events) for each in followers))
