"""Queries run in processes of their own: limits end them, faults of one are nobody else's, nothing is left behind."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest

from uraniborg_portal.engine import frames
from uraniborg_portal.engine import process as worker_process
from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.engine.process import Order
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.engine.workers import QueryWorkers, sweep
from uraniborg_portal.errors import QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable
from uraniborg_portal.settings import QueryLimits

Make = Callable[..., QueryWorkers]
ENDLESS = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"
MANY = "SELECT range AS n FROM range(100000000000)"
SORTED = "SELECT md5(range::VARCHAR) AS word FROM range(1500000) ORDER BY word DESC LIMIT 700000"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make workers with the limits that are named; they are ended, and must have left nothing."""
    made = []

    def one(**limits: object) -> QueryWorkers:
        given = QueryLimits.model_validate(limits)
        order = Order(folders=frozenset(), spill=tmp_path / "spill", sandboxed=True, limits=given)
        made.append(QueryWorkers(order))
        return made[-1]

    yield one
    for workers in made:
        workers.close()
    assert not running(tmp_path)
    assert not list((tmp_path / "spill").glob("*"))


def running(spill: Path) -> list[psutil.Process]:
    """Give the workers that run, and write below a folder."""
    return [child for child in psutil.Process().children() if child.is_running() and inside(child, spill)]


def inside(child: psutil.Process, folder: Path) -> bool:
    """Whether a process works below a folder; one that ended meanwhile does not."""
    try:
        return child.cwd().startswith(str(folder))
    except psutil.NoSuchProcess:
        return False


@contextmanager
def answering(workers: QueryWorkers) -> Iterator[tuple[psutil.Process, Future[pa.Table]]]:
    """Give a worker in the middle of a query that does not end, and who waits for its answer."""
    workers.run("SELECT 1", {})
    (child,) = running(workers.order.spill)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(workers.run, ENDLESS, {})
        while child.cpu_times().user < 1:
            assert not answer.done()
        yield child, answer


def test_rows_and_tables_in_memory(make: Make) -> None:
    workers = make()
    given = pa.table({"star": ["Alcyone", "Électra", None], "vmag": [2.87, 3.7, None]})
    assert workers.run('SELECT * FROM "given" ORDER BY vmag', {"given": given}) == given
    assert workers.run("SELECT 1 AS one WHERE 1 = 2", {}).schema.names == ["one"]
    assert len(running(workers.order.spill)) == 1


def test_what_a_killed_portal_left_is_swept_and_nothing_else(make: Make) -> None:
    workers = make()
    workers.run("SELECT 1", {})
    spill = workers.order.spill
    (held,) = spill.iterdir()
    (spill / "query-left").mkdir()
    (spill / "query-left" / "order.json").write_text("{}")
    (spill / "mine").mkdir()
    sweep(spill)
    assert set(spill.iterdir()) == {held, spill / "mine"}
    (spill / "mine").rmdir()
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_a_query_at_its_time_limit_ends_with_its_process(make: Make) -> None:
    workers = make(seconds=1)
    with pytest.raises(TookTooLong, match="stopped after 1 s"):
        workers.run(ENDLESS, {})
    assert not running(workers.order.spill)
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_a_worker_that_is_killed_is_replaced(make: Make) -> None:
    workers = make()
    workers.run("SELECT 1", {})
    (child,) = running(workers.order.spill)
    child.kill()
    psutil.wait_procs([child])
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_a_worker_that_is_killed_while_it_answers_is_a_sentence(make: Make) -> None:
    with answering(make()) as (child, answer):
        child.kill()
        with pytest.raises(Unavailable, match="ended before it had"):
            answer.result()


def test_what_memory_cannot_hold_goes_to_the_disk(make: Make) -> None:
    assert make(memory="60MB").run(SORTED, {}).num_rows == 700_000
    with pytest.raises(TooLarge, match="60MB of memory"):
        make(memory="60MB", spill_megabytes=5).run(SORTED, {})


def test_a_large_result_is_refused_before_it_is_held(make: Make) -> None:
    workers = make(result_megabytes=1)
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        workers.run("SELECT range FROM range(1000000)", {})
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_rows_come_before_the_query_has_ended(make: Make) -> None:
    workers = make(workers=1)
    with workers.rows(Statement(sql=MANY), {}) as rows:
        first = next(rows)
        assert rows.schema.names == ["n"]
        assert first["n"][0].as_py() == 0
        (child,) = running(workers.order.spill)
    # What it would have said after is nobody's.
    assert psutil.wait_procs([child], timeout=20)[1] == []
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_rows_that_nobody_takes_end_their_query(make: Make) -> None:
    workers = make(stalled_seconds=0.3)
    with workers.rows(Statement(sql=MANY), {}) as rows:
        next(rows)
        (child,) = running(workers.order.spill)
        assert psutil.wait_procs([child], timeout=20)[1] == []
        with pytest.raises(TookTooLong, match="nobody took its rows"):
            list(rows)


def test_an_error_in_the_middle_comes_after_the_rows_before(make: Make) -> None:
    workers = make()
    late = "SELECT CAST(IF(range = 2000000, 'x', '1') AS INTEGER) AS n FROM range(4000000)"
    with workers.rows(Statement(sql=late), {}) as rows:
        assert next(rows).num_rows
        with pytest.raises(QueryRefused):
            list(rows)
    (child,) = running(workers.order.spill)
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]
    assert running(workers.order.spill) == [child]


def test_a_query_is_stopped_wherever_it_is(make: Make) -> None:
    workers = make(workers=1)
    stop = Stop()
    with workers.rows(Statement(sql=MANY), {}, interactive(workers.order.limits, stop)) as rows:
        next(rows)
        waiting = Stop()
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(workers.run, "SELECT 1", {}, interactive(workers.order.limits, waiting))
            waiting.ask()
            with pytest.raises(QueryStopped):
                second.result()
        stop.ask()
        with pytest.raises(QueryStopped):
            list(rows)
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_a_worker_that_is_stopped_after_its_last_word_answers_nobody_else(make: Make) -> None:
    workers = make()
    for _ in range(5):
        stop = Stop()
        with workers.rows(Statement(sql="SELECT 1 AS n"), {}, interactive(workers.order.limits, stop)) as answer:
            assert answer.table()["n"].to_pylist() == [1]
            stop.ask()
        assert workers.run("SELECT 2 AS n", {})["n"].to_pylist() == [2]


def test_no_more_run_at_once_than_the_limit_says(make: Make) -> None:
    workers = make(workers=2)
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, len(running(workers.order.spill)))

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: workers.run(" ".join(["SELECT", str(n), "+ 9 AS n"]), {}), range(20)))
    done.set()
    watching.join()
    assert [answer["n"].to_pylist() for answer in answers] == [[n + 9] for n in range(20)]
    assert most <= 2


def test_who_waits_as_long_as_a_query_may_take_is_told(make: Make) -> None:
    workers = make(workers=1, seconds=2)
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(workers.run, ENDLESS, {}) for _ in range(3)]
        errors = sorted(str(answer.exception()) for answer in answers)
    assert errors[0] == "All 1 queries that run at once took 2 s."
    assert errors[-1] == "The query was stopped after 2 s."


def test_an_answer_that_nobody_waited_for_is_not_the_next_one_s(make: Make) -> None:
    """Whatever interrupts a query: its worker is gone, and what it would have said with it."""
    workers = make()
    workers.run("SELECT 1", {})

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            workers.run(ENDLESS, {})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert workers.run("SELECT 7 AS n", {})["n"].to_pylist() == [7]


def test_queries_end_with_the_portal(make: Make) -> None:
    workers = make()
    with answering(workers) as (_, answer):
        workers.close()
        with pytest.raises(Unavailable):
            answer.result()


def test_a_disk_that_takes_nothing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "spill").write_text("a file where the folder should be")
    order = Order(folders=frozenset(), spill=tmp_path / "spill", sandboxed=True, limits=QueryLimits())
    with pytest.raises(Unavailable, match="can't be written"):
        QueryWorkers(order).run("SELECT 1", {})


def test_a_worker_has_no_secrets_and_no_privileges(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URANIBORG_DATABASE", "postgresql://uraniborg:secret@database/")
    workers = make()
    workers.run("SELECT 1", {})
    (child,) = running(workers.order.spill)
    assert "URANIBORG_DATABASE" not in child.environ()
    status = Path(f"/proc/{child.pid}/status").read_text()
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert (said["NoNewPrivs"], said["Seccomp"]) == ("1", "2")
    # Its standard streams alone, and nothing that leads out.
    assert not child.net_connections()


def test_a_worker_ends_with_a_portal_that_is_killed(tmp_path: Path) -> None:
    portal = (
        "from pathlib import Path\n"
        "from uraniborg_portal.engine.allowance import Allowance\n"
        "from uraniborg_portal.engine.process import Order, WorkerProcess\n"
        "from uraniborg_portal.engine.statement import Statement\n"
        "from uraniborg_portal.settings import QueryLimits\n"
        f"order = Order(folders=frozenset(), spill=Path({str(tmp_path)!r}), sandboxed=True, limits=QueryLimits())\n"
        "worker = WorkerProcess(order)\n"
        "with worker.rows(Statement(sql='SELECT 1'), {}, Allowance(seconds=60)) as rows:\n"
        "    rows.table()\n"
        "print('ready', flush=True)\n"
        f"with worker.rows(Statement(sql={ENDLESS!r}), dict(), Allowance(seconds=60)) as rows:\n"
        "    rows.table()\n"
    )
    with subprocess.Popen([sys.executable, "-c", portal], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        (child,) = psutil.Process(running.pid).children()
        while child.cpu_times().user < 1:
            assert child.is_running()
        running.kill()
    assert psutil.wait_procs([child], timeout=20)[1] == []


TAKEN_OVER = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
WORDS = pa.schema([("word", pa.string())])
OFFSETS = np.array([0, 1 << 28, 2], np.int32)
BEYOND = pa.StringArray.from_buffers(2, pa.py_buffer(OFFSETS.tobytes()), pa.py_buffer(b"ab"))
"""Two texts, the first of which ends far after the last byte that there is."""


def framed(kind: bytes, content: bytes) -> bytes:
    """Give the bytes of a frame."""
    stream = io.BytesIO()
    frames.write(stream, kind, content)
    return stream.getvalue()


def rows(columns: pa.Schema, batch: pa.RecordBatch, compression: str | None = None) -> bytes:
    """Give the frames of an answer with one batch."""
    content = batch.serialize()
    if compression:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, columns, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
            writer.write_batch(batch)
        reader = pa.ipc.MessageReader.open_stream(sink.getvalue())
        reader.read_next_message()
        content = reader.read_next_message().serialize()
    return framed(frames.SCHEMA, columns.serialize().to_pybytes()) + framed(frames.ROWS, content.to_pybytes()) + END


END = framed(frames.WORDS, b'{"error": null, "broken": false}')
NOTHING = pa.schema([("nothing", pa.null())])
NAMES = pa.schema([("word", pa.dictionary(pa.int32(), pa.string()))])
NUMBERS = pa.schema([("n", pa.int64())])
LIES = {
    "nothing": b"",
    "noise": b"x" * 100,
    "a frame without an end": frames.HEAD.pack(frames.ROWS, 50) + b"x",
    "a frame of a terabyte": frames.HEAD.pack(frames.ROWS, 1 << 40),
    "rows before their names": framed(frames.ROWS, b"rows"),
    "words that are none": framed(frames.WORDS, b"rows"),
    "words in words": framed(frames.WORDS, b"[" * 200_000),
    "words without an end": framed(frames.WORDS, b"[" + b"[]," * 1_000_000 + b"[]]"),
    "names without an end": framed(frames.SCHEMA, b" " * 2_000_000),
    "names that are none": framed(frames.SCHEMA, b"rows"),
    "an end without rows": END,
    "an error that only the portal knows": framed(frames.WORDS, b'{"error": "not_allowed", "message": "No."}'),
    "texts beyond the frame": rows(WORDS, pa.record_batch([BEYOND], schema=WORDS)),
    "rows of nothing, which take no room": framed(frames.SCHEMA, NOTHING.serialize().to_pybytes()) + END,
    "numbers that unfold": rows(NUMBERS, pa.record_batch([pa.array([0] * 10**6)], schema=NUMBERS), "zstd"),
    "rows of other columns": framed(frames.SCHEMA, WORDS.serialize().to_pybytes())
    + framed(frames.ROWS, pa.record_batch([pa.array([1])], schema=NUMBERS).serialize().to_pybytes())
    + END,
    "a type that is none of ours": framed(frames.SCHEMA, NAMES.serialize().to_pybytes()) + END,
}


@pytest.mark.parametrize("lie", LIES)
def test_nothing_that_a_worker_says_is_believed(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lie: str
) -> None:
    """Someone who takes over a worker meets a portal that refuses, and lives."""
    (tmp_path / "lie").write_bytes(framed(frames.WORDS, b'{"ready": true}') + LIES[lie])
    taken_over = (sys.executable, "-c", TAKEN_OVER, str(tmp_path / "lie"))
    monkeypatch.setattr(worker_process, "COMMAND", taken_over)
    with pytest.raises(Unavailable):
        make().run("SELECT 1", {})


def test_a_worker_imports_nothing_of_the_planner() -> None:
    """It would take three times as long to start, and what they read at their import is not there in every sandbox."""
    heavy = "{'astropy', 'sqlglot', 'mocpy', 'cdshealpix', 'scipy'}"
    modules = "import sys, uraniborg_portal.engine.worker, uraniborg_portal.engine.duckdb"
    code = f"{modules}; print({heavy} & {{name.split('.')[0] for name in sys.modules}} or 'none')"
    assert subprocess.run((sys.executable, "-I", "-c", code), capture_output=True, text=True).stdout == "none\n"
