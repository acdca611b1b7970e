"""The operator's guide as a script: its commands, as the operator of this installation types them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployed.images import ROOT
from deployed.platform import NAMESPACE, Platform

GUIDE = ROOT / "helm" / "README.md"
SECONDS = 1200


def commands(text: str, section: str, word: str) -> list[str]:
    """Give the commands of a section of the guide which hold a word, for the namespace of the tests; pure."""
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    lines = found[1].splitlines() if found else []
    chosen = [line.strip() for line in lines if re.match(r" {4}(helm|kubectl) ", line) and word in line]
    return [re.sub(r"(-n|--namespace) uraniborg", rf"\1 {NAMESPACE}", line) for line in chosen]


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Someone who follows the guide in a folder that has the chart and `site.yaml`."""

    platform: Platform
    folder: Path

    def follow(self, section: str, word: str) -> str:
        """Type the commands of a section which hold a word, one after the other, and give what they print."""
        given = commands(GUIDE.read_text(), section, word)
        assert given, f"The guide's section {section!r} has no command with {word!r}."
        return "".join(self._type(command) for command in given)

    def _type(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.platform.cluster.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


def operator(platform: Platform, folder: Path, changed: Mapping[str, dict[str, Any]]) -> Operator:
    """Give an operator in a folder, whose `site.yaml` has the platform's values and some `changed` ones."""
    values = platform.values()
    site = {**values, **{part: {**values.get(part, {}), **more} for part, more in changed.items()}}
    (folder / "site.yaml").write_text(json.dumps(site, indent=1))
    (folder / "helm").symlink_to(ROOT / "helm")
    return Operator(platform=platform, folder=folder)
