"""Figures that a test measured and what a fault cost: printed, and kept in `.cluster/figures.json`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

Value = float | int | str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of one test; those of its run before are forgotten."""

    file: Path
    test: str

    def forget(self) -> None:
        """Forget what an earlier run of the test kept."""
        self._write({name: kept for name, kept in self._kept().items() if name != self.test})

    def say(self, what: str, value: Value) -> None:
        """Print a figure, and keep it."""
        value = round(value, 2) if isinstance(value, float) else value
        sys.stdout.write(f"\n  {what}: {value}\n")
        kept = self._kept()
        kept.setdefault(self.test, {})[what] = value
        self._write(kept)

    def _kept(self) -> dict[str, dict[str, Value]]:
        kept: dict[str, dict[str, Value]] = json.loads(self.file.read_text()) if self.file.exists() else {}
        return kept

    def _write(self, kept: dict[str, dict[str, Value]]) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
