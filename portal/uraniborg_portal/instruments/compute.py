"""Where jobs run: what the portal asks of whatever does their work, be it processes here or a cluster's workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Say = Callable[[str, dict[str, Any]], None]
"""Takes kind and data of what a task says: `progress` or `log`."""


class WorkerEnded(Exception):
    """What ran a task ended in the middle of it; the message says how, in a sentence.

    Parameters
    ----------
    message
        How it ended.
    lost
        Whether it was lost from outside, so that the task may well end when it is run again; False where the task
        itself ended it.
    """

    def __init__(self, message: str, *, lost: bool = False) -> None:
        super().__init__(message)
        self.lost = lost


class Compute(Protocol):
    """Runs tasks, each with the fields `instrument` and `parameters` and whatever else tells who asks (`id`)."""

    async def run(self, task: Mapping[str, Any], folder: Path, say: Say) -> tuple[str, dict[str, Any]]:
        """Run a task; give `made` and `{"product": its description}`, or `failed` and an error's JSON form.

        What was made is in `folder` of this machine then, which must not be there before. Cancelling ends the work
        within a second, wherever it runs.

        Raises
        ------
        WorkerEnded
            What ran the task ended; all that it printed was said.
        """

    async def warm(self, modules: Sequence[str]) -> None:
        """Get ready for a task that will want these modules: somebody opened a form."""

    async def close(self) -> None:
        """End what this portal's tasks run in."""
