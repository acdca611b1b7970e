"""A page of a pool's scheduler with its figures as JSON, loaded in the scheduler's process.

distributed's own `json/identity.json` fails with status 500 as soon as tasks run: a worker's metrics have tuples as
keys (distributed 2026.8, http/scheduler/json.py, IdentityJSON.get).
"""

from __future__ import annotations

from collections import Counter

from distributed import Scheduler
from distributed.http.utils import RequestHandler
from distributed.scheduler import WorkerState

from uraniborg_hub.pools.models import FIGURES_PAGE


def worker(state: WorkerState) -> dict[str, object]:
    """Give one worker, its process as it was at its last heartbeat."""
    return {
        "name": str(state.name),
        "memory": state.metrics.get("memory", 0),
        "limit": state.memory_limit,
        "cpu": state.metrics.get("cpu", 0),
        "threads": state.nthreads,
        "tasks": len(state.processing),
    }


def figures(scheduler: Scheduler) -> dict[str, object]:
    """Give what a scheduler does now; the time does not grow with the number of tasks."""
    tasks: Counter[str] = Counter()
    done = 0
    for prefix in scheduler.task_prefixes.values():
        tasks.update(prefix.states)
        done += prefix.state_counts["memory"]
    return {
        "workers": [worker(state) for state in scheduler.workers.values()],
        "desired": scheduler.adaptive_target(),
        "done": done,
        "processing": tasks["processing"],
        "waiting": tasks["waiting"] + tasks["queued"] + tasks["no-worker"],
        "failed": tasks["erred"],
    }


class FiguresPage(RequestHandler):
    """Answers with the figures."""

    def get(self) -> None:
        """Answer GET."""
        self.write(figures(self.server))


routes: list[tuple[str, type[RequestHandler], dict[str, object]]] = [(FIGURES_PAGE, FiguresPage, {})]
"""What distributed looks for in a module of routes."""
