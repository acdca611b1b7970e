"""One notice on a lab's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the page shows until it is no longer true, or its reader closes it."""

    id: str
    """Of its kind: a later notice of this id takes the earlier one's place."""
    level: Literal["warning", "error"]
    text: str
    """Plain text: what is, and what to do."""
    title: str = ""
    """Goes before the page's title while nobody looks at the page."""
    keep: bool = False
    """Whether it has a button that keeps the lab running."""
