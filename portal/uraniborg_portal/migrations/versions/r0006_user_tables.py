"""Tables that users keep."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "user_tables",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("name", sa.String(320), nullable=False, unique=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("parts", sa.JSON, nullable=False),
        sa.Column("indexes", sa.JSON, nullable=False),
        sa.Column("read_group", sa.String(255), nullable=True),
        sa.Column("write_group", sa.String(255), nullable=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("retired", sa.JSON, nullable=False),
        sa.Column("retired_at", sa.Double, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("user_tables_of_owner", "user_tables", ["owner"])
