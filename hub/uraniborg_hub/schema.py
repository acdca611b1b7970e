"""The schema of the hub's database: one of a newer version is refused in a sentence.

JupyterHub itself would try to migrate it, at every start anew, and end in tracebacks of two programs.
"""

from __future__ import annotations

from pathlib import Path

import jupyterhub
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from uraniborg_hub.errors import PlatformError

REVISIONS = Path(jupyterhub.__file__).parent / "alembic"


def check_schema(engine: Engine) -> None:
    """Look at the schema of a database, and change nothing.

    Raises
    ------
    PlatformError
        This version of JupyterHub does not know it.
    """
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in ScriptDirectory(str(REVISIONS)).walk_revisions()}
    if found and found not in known:
        name = engine.url.render_as_string(hide_password=True)
        raise PlatformError(
            f"The hub's database {name} was written by a newer version (schema {found}); it is left as it is.",
            "Start that newer version, or restore the dump or copy that was made before the upgrade.",
        )
