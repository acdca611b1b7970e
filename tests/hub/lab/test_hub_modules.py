"""A lab's server starts without the hub's database and pages, and gets the database's modules if it asks."""

from __future__ import annotations

import subprocess
import sys

START = """
import sys
from uraniborg_hub.lab.hub_modules import leave_out_hub_modules
leave_out_hub_modules()
import jupyterhub.singleuser.extension
"""


def output(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", START + program], capture_output=True, text=True, check=True)
    return done.stdout


def test_neither_database_nor_pages_are_loaded() -> None:
    heavy = "[name for name in sys.modules if name in ('sqlalchemy.orm', 'alembic', 'jupyterhub.user')]"
    assert output(f"print({heavy})") == "[]\n"


def test_what_is_used_is_there() -> None:
    assert output("import jupyterhub.orm; print(jupyterhub.orm.User.__tablename__)") == "users\n"
    used = "from jupyterhub.scopes import _intersect_expanded_scopes as both; print(both({'self'}, {'self'}))"
    assert output(used) == "frozenset({'self'})\n"
