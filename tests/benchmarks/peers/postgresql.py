"""PostgreSQL with q3c, from Debian, on loopback: the peer for cones, scans and maps, and what DaCHS stands on."""

from __future__ import annotations

import grp
import io
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

DATABASE = "gavo"
"""The name that DaCHS has for it."""
SCHEMA = "sky"
SETTINGS = {
    "shared_buffers": "4GB",
    "effective_cache_size": "12GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "max_parallel_workers_per_gather": "2",
    "max_connections": "150",
    "synchronous_commit": "off",
    "unix_socket_directories": "",
    "logging_collector": "on",
}
"""For two cores and 23 GB, after the manual's own words on each (chapter 20)."""
TYPES = {
    "int64": "bigint", "int32": "integer", "int16": "smallint", "double": "double precision", "float": "real",
    "bool": "boolean", "string": "text",
}  # fmt: skip
BATCH = 20_000
"""Rows that are sent at once."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def dsn(self) -> str:
        """What its superuser connects with."""
        return f"host=127.0.0.1 port={self.port} dbname={DATABASE} user={owner()}"

    def connect(self) -> psycopg.Connection:
        """A connection whose statements are their own transactions."""
        return psycopg.connect(self.dsn, autocommit=True, prepare_threshold=0)


def owner() -> str:
    """The user whose server it is: root may have none."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def group() -> str:
    """The group of that user."""
    return grp.getgrgid(pwd.getpwnam(owner()).pw_gid).gr_name


def programs() -> Path:
    """The folder of initdb, installed first where there is none and root asks; else what needs it is skipped."""
    wanted = "postgresql-15-q3c"
    found = sorted(Path("/usr/lib/postgresql").glob("*/lib/q3c.so"))
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        install(wanted)
        found = sorted(Path("/usr/lib/postgresql").glob("*/lib/q3c.so"))
    if not found:
        pytest.skip(f"no PostgreSQL with q3c: apt install {wanted}")
    return found[-1].parents[1] / "bin"


def install(*packages: str) -> None:
    """Install packages of Debian; one that can't be had is told by what is missing after."""
    argv = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    subprocess.run(argv, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)


def as_owner(*argv: str, log: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a program as the server's user; what it prints goes to a file."""
    user, its_group = (owner(), group()) if os.geteuid() == 0 else (None, None)
    with log.open("ab") as output:
        return subprocess.Popen(
            argv, cwd="/", env={**os.environ, **(environment or {})}, user=user, group=its_group,
            extra_groups=None if user is None else (), stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip


@contextmanager
def server(folder: Path, port: int) -> Iterator[Server]:
    """A server whose cluster is in a folder, made there the first time; it ends with the block."""
    bin_ = programs()
    data, log = folder / "data", folder / "log"
    if not (data / "PG_VERSION").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, owner())
        initdb = as_owner(str(bin_ / "initdb"), "-D", str(data), "-E", "UTF8", "--locale=C", "-A", "trust", log=log)
        assert initdb.wait() == 0
    options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    process = as_owner(str(bin_ / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", *options, log=log)
    try:
        wait_for(bin_, port)
        running = Server(port=port, process=process)
        with psycopg.connect(f"host=127.0.0.1 port={port} dbname=postgres user={owner()}", autocommit=True) as first:
            if not first.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                first.execute("CREATE DATABASE gavo TEMPLATE template0 ENCODING 'UTF8'")
        with running.connect() as made:
            made.execute("CREATE EXTENSION IF NOT EXISTS q3c")
            made.execute("CREATE SCHEMA IF NOT EXISTS sky")
        yield running
    finally:
        # Its fast way to stop: clients that are connected don't keep it.
        process.send_signal(signal.SIGINT)
        process.wait(60)


def wait_for(bin_: Path, port: int) -> None:
    """Return when the server answers."""
    ready = [str(bin_ / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", owner()]
    for _ in range(600):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        subprocess.run(["sleep", "0.1"], check=True)
    raise TimeoutError("PostgreSQL does not answer")


def load(running: Server, name: str, path: Path) -> None:
    """Fill a table from a Parquet file, if it is not there: with `healpix_8`, indexes, clustered by q3c, analysed."""
    with running.connect() as there:
        if there.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.{name}"]).fetchone() != (None,):
            return
    file = pq.ParquetFile(path)
    columns = ", ".join(f"{field.name} {TYPES[str(field.type)]}" for field in file.schema_arrow)
    names = ", ".join(field.name for field in file.schema_arrow)
    table = f"{SCHEMA}.{name}"
    with psycopg.connect(running.dsn) as there, there.cursor() as cursor:
        generated = "healpix_8 integer GENERATED ALWAYS AS ((source_id >> 43)::integer) STORED"
        cursor.execute(" ".join(["CREATE TABLE", table, "(", columns, ",", generated, ")"]).encode())
        with cursor.copy(" ".join(["COPY", table, "(", names, ") FROM STDIN (FORMAT csv)"]).encode()) as copy:
            for batch in file.iter_batches(BATCH):
                copy.write(as_csv(batch))
        for statement in (
            "CREATE INDEX NAME_q3c ON TABLE (q3c_ang2ipix(ra, dec))",
            "CLUSTER TABLE USING NAME_q3c",
            "CREATE UNIQUE INDEX NAME_source_id ON TABLE (source_id)",
            "CREATE UNIQUE INDEX NAME_random_index ON TABLE (random_index)",
        ):
            cursor.execute(statement.replace("TABLE", table).replace("NAME", name).encode())
    with running.connect() as there:
        there.execute(" ".join(["VACUUM (ANALYZE)", table]).encode())


def as_csv(batch: pa.RecordBatch) -> bytes:
    """Give rows as CSV; NULL is an empty field."""
    written = io.BytesIO()
    pacsv.write_csv(pa.Table.from_batches([batch]), written, pacsv.WriteOptions(include_header=False))
    return written.getvalue()
