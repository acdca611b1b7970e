"""One worker process as the portal holds it: start it, give it a task, hear how it goes, end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

from uraniborg_portal.instruments.channel import ANSWERS, END_OF_OUTPUT
from uraniborg_portal.instruments.compute import Say, WorkerEnded
from uraniborg_portal.settings import Settings

MODULE = "uraniborg_portal.instruments.worker"

SECRETS = ("JUPYTERHUB_API_TOKEN", "CONFIGPROXY_AUTH_TOKEN")
"""Variables that an instrument must not see."""

MESSAGE_BYTES = 16_000_000
"""Longest message of a worker."""

LINE_CHARACTERS = 2000
"""Longest line of the log; the rest of it is left out."""

LAST_WORDS = 2.0
"""Seconds for which the output of an ended process is read to its end."""


def ended_by(code: int) -> WorkerEnded:
    """Say how a process ended in the middle of a task."""
    word = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return WorkerEnded(f"The process that ran the job ended by {word}.")


def environment(settings: Settings) -> dict[str, str]:
    """Give the worker's environment: no secrets, nothing written outside the state folder, one thread per library."""
    kept = {name: value for name, value in os.environ.items() if name not in SECRETS}
    mirror = {"URANIBORG_DATA_MIRROR": settings.data_mirror} if settings.data_mirror else {}
    return (
        kept
        | mirror
        | {
            "URANIBORG_HOME": str(settings.home),
            "URANIBORG_NETWORK": str(settings.network).lower(),
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(settings.state / "matplotlib"),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",
        }
    )


class WorkerProcess:
    """A process that runs one task after another."""

    def __init__(self, process: asyncio.subprocess.Process, messages: asyncio.StreamReader) -> None:
        self.process = process
        self.messages = messages
        self.warm = False

    @classmethod
    async def start(cls, settings: Settings, modules: tuple[str, ...] = ()) -> WorkerProcess:
        """Start a process, in a group of its own; it imports `modules` first, and it ends with this one."""
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE, str(writing), str(os.getpid()), *modules),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(writing,),
                process_group=0,
                env=environment(settings),
            )
        finally:
            os.close(writing)
        messages = asyncio.StreamReader(limit=MESSAGE_BYTES)
        protocol = asyncio.StreamReaderProtocol(messages)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(reading, "rb"))
        return cls(process, messages)

    async def run(self, task: dict[str, Any], say: Say) -> tuple[str, dict[str, Any]]:
        """Give `made` with the product's description, or `failed` with an error's JSON form.

        Raises
        ------
        WorkerEnded
            The process ended; all that it printed was said.
        """
        if not self.warm:
            say("progress", {"fraction": 0.0, "text": "Starting a worker"})
            await self.answer(say)
            self.warm = True
        if self.process.stdin:
            self.process.stdin.write(json.dumps(task).encode() + b"\n")
        return await self.answer(say)

    async def answer(self, say: Say) -> tuple[str, dict[str, Any]]:
        """Relay what is said until the task ends, and give its end."""
        output = asyncio.create_task(self.relay_output(say))
        try:
            while line := await self.messages.readline():
                message = json.loads(line)
                kind = message.pop("kind")
                if kind in ANSWERS:
                    await output
                    return kind, message
                say(kind, message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(output), LAST_WORDS)
            raise ended_by(await self.process.wait())
        finally:
            output.cancel()

    async def relay_output(self, say: Say) -> None:
        """Say every line that is printed, as `log`, until the end of the task's output."""
        async for line in self.printed():
            if line == END_OF_OUTPUT:
                return
            say("log", {"line": line})

    async def printed(self) -> AsyncIterator[str]:
        """Give lines of standard output and error, cut where they are long."""
        output, rest = self.process.stdout, b""
        while output and (chunk := await output.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace")[:LINE_CHARACTERS]
            rest = rest[: LINE_CHARACTERS * 4]

    async def kill(self) -> None:
        """End the process and all that it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
