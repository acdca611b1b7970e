"""What the portal and its worker processes agree on: JSON lines, and a mark in what is printed."""

END_OF_OUTPUT = "\x00uraniborg: end of output\x00"
"""A worker prints this line after each task, so that the portal knows that it has the whole log."""

READY = "ready"
"""Message: the worker can take a task."""

MADE = "made"
"""Message: the task's product is written; its description comes along."""

FAILED = "failed"
"""Message: the task failed; the JSON form of an error comes along."""

ANSWERS = (READY, MADE, FAILED)
"""Kinds of message that end what the portal waits for; `progress` and `log` tell how it goes."""
