"""The lab's server process is configured by files beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import uraniborg_hub.lab.singleuser

STARTED = """
import os, sys
started = []
sys.addaudithook(lambda event, about: started.append(about[0]) if event == "subprocess.Popen" else None)
from uraniborg_hub.lab.singleuser import import_jupyterlab
before = dict(os.environ)
import_jupyterlab()
assert dict(os.environ) == before and "jupyterlab.labapp" in sys.modules
print(started)
"""


def test_its_configuration_is_read_and_names_real_extensions() -> None:
    folder = Path(uraniborg_hub.lab.singleuser.__file__).parent / "server"
    server = json.loads((folder / "jupyter_server_config.json").read_text())["ServerApp"]
    ours = [name for name, on in server["jpserver_extensions"].items() if on]
    assert ours == [f"uraniborg_hub.lab.{each}" for each in ("notices.extension", "policy", "portal", "voila")]
    page = json.loads((folder / "labconfig" / "page_config.json").read_text())
    assert page["disabledExtensions"]
    # The check whether JavaScript has to be rebuilt takes a second of the server while the page loads.
    assert page["buildCheck"] is False


def test_jupyterlab_is_imported_without_starting_a_program() -> None:
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
