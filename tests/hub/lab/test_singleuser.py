"""The lab's server process is configured by files beside it."""

from __future__ import annotations

import json
from pathlib import Path

import uraniborg_hub.lab.singleuser


def test_its_configuration_is_read_and_names_real_extensions() -> None:
    folder = Path(uraniborg_hub.lab.singleuser.__file__).parent / "server"
    server = json.loads((folder / "jupyter_server_config.json").read_text())["ServerApp"]
    ours = [name for name, on in server["jpserver_extensions"].items() if on]
    assert ours == ["uraniborg_hub.lab.policy", "uraniborg_hub.lab.voila"]
    page = json.loads((folder / "labconfig" / "page_config.json").read_text())
    assert page["disabledExtensions"]
    # The check whether JavaScript has to be rebuilt takes a second of the server while the page loads.
    assert page["buildCheck"] is False
