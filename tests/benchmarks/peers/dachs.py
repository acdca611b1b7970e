"""GAVO DaCHS from Debian, on the PostgreSQL server of this benchmark: TAP as most VO publishers serve it."""

from __future__ import annotations

import os
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pyarrow.parquet as pq
import pytest

from peers import postgresql
from uraniborg_hub.laptop.ports import free_ports

PACKAGES = ("python3-gavo", "postgresql-15-pgsphere", "python3-psycopg2")
TYPES = {"int64": "bigint", "int16": "smallint", "double": "double precision", "float": "real", "string": "text"}
UCDS = {"ra": "pos.eq.ra;meta.main", "dec": "pos.eq.dec;meta.main", "source_id": "meta.id;meta.main"}


@dataclass(frozen=True, kw_only=True)
class Dachs:
    """A running DaCHS."""

    url: str
    """Ends with a slash; `tap/sync` is below it."""
    process: subprocess.Popen[bytes]


def program() -> str:
    """The path of `dachs`; a machine without it installs Debian's as root, or skips what needs it."""
    if not shutil.which("dachs") and os.geteuid() == 0 and shutil.which("apt-get"):
        postgresql.install(*PACKAGES)
    found = shutil.which("dachs")
    if not found:
        pytest.skip(f"no DaCHS: apt install {' '.join(PACKAGES)}")
    return found


@contextmanager
def dachs(running: postgresql.Server, folder: Path, tables: dict[str, Path]) -> Iterator[Dachs]:
    """A DaCHS that serves tables which the server has in its schema, described by their Parquet files."""
    command = program()
    (port,) = free_ports(1)
    root = folder / "gavo"
    root.parent.mkdir(parents=True, exist_ok=True)
    shutil.chown(root.parent, postgresql.owner())
    environment = {"GAVOSETTINGS": str(folder / "gavo.rc"), "HOME": str(folder), "PATH": "/usr/bin:/bin"}
    (folder / "gavo.rc").write_text(settings(root, port))
    if not (root / "etc").exists():
        run(environment, command, "init", "-d", running.dsn)
    profile = root / "etc" / "dsn"
    lines = ("database = gavo", "host = 127.0.0.1", f"port = {running.port}", "")
    profile.write_text("\n".join(lines))
    described = root / "inputs" / postgresql.SCHEMA
    if not (described / "published").exists():
        described.mkdir(parents=True, exist_ok=True)
        shutil.chown(described, postgresql.owner())
        (described / "q.rd").write_text(resource(tables))
        with running.connect() as there:
            grant(there, tables)
        run(environment, command, "imp", "-m", f"{postgresql.SCHEMA}/q")
        (described / "published").touch()
    process = postgresql.as_owner(command, "serve", "start", "-f", environment=environment, log=folder / "log")
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_for(url)
        yield Dachs(url=url, process=process)
    finally:
        process.terminate()
        process.wait(30)


def settings(root: Path, port: int) -> str:
    """Its configuration: its folder, where it listens, and no fewer rows than ours gives."""
    group = postgresql.group()
    return textwrap.dedent(f"""\
        [general]
        rootDir: {root}
        group: {group}
        gavoGroup: {group}
        [web]
        bindAddress: 127.0.0.1
        serverPort: {port}
        serverURL: http://127.0.0.1:{port}
        [async]
        defaultMAXREC: 100000
        [ivoa]
        dalDefaultLimit: 100000
        [db]
        indexWorkMem: 256
        """)


def grant(there: psycopg.Connection, tables: dict[str, Path]) -> None:
    """Let its users read the tables, and make its administrator their owner."""
    schema = postgresql.SCHEMA
    statements = [f"GRANT USAGE ON SCHEMA {schema} TO gavo, untrusted", f"ALTER SCHEMA {schema} OWNER TO gavoadmin"]
    for name in tables:
        statements.append(f"ALTER TABLE {schema}.{name} OWNER TO gavoadmin")
        statements.append(f"GRANT SELECT ON {schema}.{name} TO gavo, untrusted")
    for statement in statements:
        there.execute(statement.encode())


def resource(tables: dict[str, Path]) -> str:
    """The resource descriptor: each table as it is, with a q3c index on its position."""
    described = "".join(table(name, path) for name, path in tables.items())
    meta = "".join(
        f'<meta name="{name}">{value}</meta>'
        for name, value in (("title", "A made sky"), ("description", "Made stars."), ("creationDate", "2026-01-01"),
                            ("subject", "surveys"), ("creator.name", "Nobody"))
    )  # fmt: skip
    makes = "".join(f'<make table="{name}"/>' for name in tables)
    return f'<resource schema="{postgresql.SCHEMA}">{meta}{described}<data id="import">{makes}</data></resource>'


def table(name: str, path: Path) -> str:
    """One table: columns of the file, and the index."""
    columns = "".join(
        f'<column name="{field.name}" type="{TYPES.get(str(field.type), str(field.type))}" '
        f'ucd="{UCDS.get(field.name, "")}" description="{field.name}">'
        + ('<values nullLiteral="-1"/>' if str(field.type).startswith("int") else "")
        + "</column>"
        for field in pq.read_schema(path)
    )
    columns = columns.replace('type="bool"', 'type="boolean"')
    return f'<table id="{name}" onDisk="True" adql="True" mixin="//scs#q3cindex">{columns}</table>'


def run(environment: dict[str, str], *argv: str) -> None:
    """Run a verb of it to its end."""
    process = postgresql.as_owner(*argv, log=Path(environment["HOME"]) / "log", environment=environment)
    assert process.wait(600) == 0, argv


def wait_for(url: str) -> None:
    """Return when it answers."""
    for _ in range(600):
        try:
            if httpx.get(f"{url}tap/availability", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            subprocess.run(["sleep", "0.2"], check=True)
    raise TimeoutError("DaCHS does not answer")
