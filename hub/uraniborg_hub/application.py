"""JupyterHub, which says so where its database is of a newer version, and while it is away."""

from __future__ import annotations

from jupyterhub.app import JupyterHub
from sqlalchemy import create_engine, event
from tornado.ioloop import PeriodicCallback
from traitlets import Instance

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.outage import Outage, watch
from uraniborg_hub.schema import check_schema


class Hub(JupyterHub):
    """JupyterHub with a watch on the server of its database; SQLite is a file of its own and can't go away."""

    watching = Instance(PeriodicCallback, allow_none=True)

    def init_db(self) -> None:
        """Open the database; one of a newer version ends the process with what to do."""
        engine = create_engine(self.db_url, **self.db_kwargs)
        try:
            check_schema(engine)
        except PlatformError as refusal:
            self.log.critical("%s %s", refusal.message, refusal.remedy)
            self.exit(1)
        finally:
            engine.dispose()
        JupyterHub.init_db(self)
        if self.db_url.startswith("sqlite"):
            engine = self.db.get_bind()
            # JupyterHub asks at the start of each transaction whether the server is still there; a file is.
            engine.dispatch.engine_connect.clear()
            with engine.connect() as connection:
                # A commit costs one write to the disk in place of three, and is as safe; the file keeps this mode.
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    def init_tornado_application(self) -> None:
        """Make the application, and begin to watch."""
        JupyterHub.init_tornado_application(self)
        if not self.db_url.startswith("sqlite"):
            engine = create_engine(self.db_url, pool_size=1, pool_pre_ping=True, **self.db_kwargs)
            # What was begun when the database went away can't end any more.
            outage = Outage(engine, self.db.rollback)
            event.listen(self.db.get_bind(), "handle_error", outage.failed)
            self.watching = watch(self.tornado_application, outage)
