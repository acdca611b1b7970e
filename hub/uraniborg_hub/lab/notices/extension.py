"""The extension of a lab's server that watches the lab and answers its page (`jupyter_server_config.json`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback

from uraniborg_hub.lab.culling.activity import Activity, counting
from uraniborg_hub.lab.culling.reports import reports
from uraniborg_hub.lab.culling.rules import read
from uraniborg_hub.lab.culling.watch import CullingWatch
from uraniborg_hub.lab.notices.board import Board
from uraniborg_hub.lab.notices.handlers import ActivityHandler, NoticesHandler
from uraniborg_hub.lab.storage.watch import LOOK, StorageWatch
from uraniborg_hub.lab.storage.watch import read as read_quota

MILLISECONDS = 1000
ANSWERS = "uraniborgNotices"
"""The option of JupyterLab's page that says that this server answers it."""


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Begin to watch, as the environment says, and to answer."""
    storage = StorageWatch(Path(server.root_dir), read_quota(os.environ))
    PeriodicCallback(storage.look, LOOK * MILLISECONDS).start()
    board = Board(culling=_culling(server, os.environ), others=[storage])
    prefix = url_path_join(server.base_url, "uraniborg")
    routes = [
        (url_path_join(prefix, "notices"), NoticesHandler, {"board": board}),
        (url_path_join(prefix, "activity"), ActivityHandler, {"board": board}),
    ]
    server.web_app.add_handlers(".*$", routes)
    server.web_app.settings.setdefault("page_config_data", {})[ANSWERS] = "yes"


def _culling(server: ServerApp, environment: Mapping[str, str]) -> CullingWatch | None:
    rules, hub = read(environment), reports(environment)
    if rules is None or hub is None:
        return None
    activity = Activity(server.kernel_manager, server.web_app.settings)
    server.web_app.add_transform(counting(activity.seen))
    watch = CullingWatch(rules, activity, hub)
    PeriodicCallback(watch.look, rules.tick * MILLISECONDS).start()
    return watch
