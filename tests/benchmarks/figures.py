"""Figures of ours beside a peer's, measured in one run: printed as lines, kept as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity of ours and of a peer."""

    name: str
    unit: str
    ours: float
    peer: str
    """What it is compared with."""
    theirs: float
    asked: str = ""
    """What was to be reached, in words."""

    @property
    def ratio(self) -> float:
        """Ours by theirs."""
        return self.ours / self.theirs if self.theirs else float("nan")

    @property
    def line(self) -> str:
        """NAME ours peer ratio, and what they are."""
        numbers = f"{self.ours:>9.3f} {self.unit:<4}{self.theirs:>9.3f} {self.unit:<4}{self.ratio:>7.2f}"
        asked = f"; asked: {self.asked}" if self.asked else ""
        return f"{self.name:<34}{numbers}  ({self.peer}{asked})"


def quantiles(
    name: str, ours: Sequence[float], peer: str, theirs: Sequence[float], asked: dict[int, str] | None = None
) -> list[Figure]:
    """Give the p50 and the p95 of seconds."""
    return [
        Figure(
            name=f"{name}.p{each}",
            unit="s",
            ours=float(np.percentile(ours, each)),
            peer=f"{peer}, n = {len(ours)} and {len(theirs)}",
            theirs=float(np.percentile(theirs, each)),
            asked=(asked or {}).get(each, ""),
        )
        for each in (50, 95)
    ]


@dataclass
class Report:
    """What one benchmark measured."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *figures: Figure) -> None:
        """Print figures, and keep them."""
        self.figures += figures
        for figure in figures:
            sys.stdout.write(f"{figure.line}\n")

    def note(self, text: str) -> None:
        """Print a sentence that belongs to the figures, and keep it."""
        self.notes.append(text)
        sys.stdout.write(f"{text}\n")

    def write(self) -> None:
        """Write them to NAME.json in the folder `URANIBORG_BENCH_OUT` (.bench)."""
        folder = Path(os.environ.get("URANIBORG_BENCH_OUT") or ".bench")
        folder.mkdir(parents=True, exist_ok=True)
        figures = [asdict(figure) | {"ratio": figure.ratio} for figure in self.figures]
        (folder / f"{self.name}.json").write_text(json.dumps({"figures": figures, "notes": self.notes}, indent=1))
