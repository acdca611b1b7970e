"""Runs revisions on the connection that `database.migrate` holds."""

from alembic import context

from uraniborg_portal.database import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
