"""A kernel of a lab, asked over its web socket as JupyterLab does."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import connect

LARGEST = 32 * 2**20
"""Of one message, bytes."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a notebook shows below a cell."""

    text: str = ""
    """Printed."""
    value: str = ""
    """Of the last line."""
    error: str = ""
    """Name, text and traceback of the exception."""

    def joined(self, other: Answer) -> Answer:
        """Give both, one after the other."""
        return Answer(text=self.text + other.text, value=self.value + other.value, error=self.error + other.error)


def execute_request(code: str) -> dict[str, Any]:
    """Give the message that asks a kernel to run code (Jupyter's messaging protocol 5.3)."""
    header = {"msg_id": uuid.uuid4().hex, "session": uuid.uuid4().hex, "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
    return {
        "channel": "shell",
        "header": {**header, "msg_type": "execute_request"},
        "parent_header": {},
        "metadata": {},
        "content": content,
        "buffers": [],
    }


SHOWN: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "stream": lambda content: Answer(text=content["text"]),
    "execute_result": lambda content: Answer(value=content["data"].get("text/plain", "")),
    "error": lambda content: Answer(error="\n".join([content["ename"], content["evalue"], *content["traceback"]])),
}


def run(url: str, headers: Mapping[str, str], code: str, seconds: float) -> Answer:
    """Run code in the kernel whose channels are at an HTTP address, and give what it shows once it is idle again."""
    request = execute_request(code)
    answer = Answer()
    limit = time.monotonic() + seconds
    address = url.replace("http", "ws", 1)
    with connect(address, additional_headers=headers, proxy=None, max_size=LARGEST, open_timeout=30) as channels:
        channels.send(json.dumps(request))
        while True:
            message = json.loads(channels.recv(timeout=limit - time.monotonic()))
            if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind in SHOWN:
                answer = answer.joined(SHOWN[kind](content))
            if kind == "status" and content["execution_state"] == "idle":
                return answer
