"""Queries that nobody would write: the valid and the invalid ones of the tables, taken apart and put together wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

TABLES = Path(__file__).parents[1] / "adql"
TOKEN = re.compile(r"\s+|--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\d+\.?\d*|\w+|\S")
LONGEST = 100_000
"""Characters of a query that is read at all (`queries.query_characters`)."""

NAMES = (
    "nowhere", '"stars', 'stars"', '""', "TAP_SCHEMA", "tap_upload.t1", "stars.nowhere.id", "information_schema.tables",
    "sqlite_master", "duckdb_tables", "_healpix_29", '"_healpix_29"', "rowid", "stars.*", "*", "public.stars", "selec",
    "\xe9", "\u03a9", "\u0131d", "\u017ftars", "\u212a", "\u540d\u524d", "\U0001f600", "id\u200b", "s\u0301tars",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "1e999", "1e-999", "9" * 400, "0x7fffffffffffffff", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "1.", ".5", "1e", "1e+", "1_000", "NaN", "Infinity", "0b1", "1.7976931348623157e309",
)  # fmt: skip
WORDS = (
    "SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "OFFSET", "TOP", "UNION ALL", "EXCEPT", "INTERSECT",
    "JOIN", "NATURAL", "USING (id)", "ON", "AND", "OR", "NOT", "IN", "EXISTS", "LIKE", "IS NULL", "BETWEEN", "CASE",
    "WHEN", "THEN", "END", "CAST", "AS", "WITH", "DISTINCT", "NULL", "TRUE", "LIMIT", "QUALIFY", "PIVOT", "LATERAL",
    "WINDOW", "OVER ()", "TABLESAMPLE", "RECURSIVE", "RETURNING", "FOR", "ASOF", "POSITIONAL", "SEMI", "ANTI",
)  # fmt: skip
SIGNS = (
    "(", ")", ",", ";", ".", "*", "||", "=", "<", ">", "<=", ">=", "<>", "!=", "==", "+", "-", "/", "%", "^", "&", "|",
    "~", "<<", ">>", "::", ":=", "->", "->>", "=>", "?", "$1", ":name", "@x", "#1", "[", "]", "{", "}", "!", "\\", "`",
    "'", '"', "--", "/*", "*/", "//", "$$", "$a$",
)  # fmt: skip
CONTROLS = (
    "\0", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\u202e", "\ufeff",
    "\ufffd", "\ufffe", "\uffff", "\U0010ffff", "\r", "\n", "\t",
)  # fmt: skip
OTHERS = "\xe9 \0'\"();-*/%\\\x1b\U0001f600"
"""Characters that are put anywhere."""
START, STARS = "SELECT ", " FROM stars"


@dataclass(frozen=True, kw_only=True)
class Bait:
    """What a query of DuckDB would read, write or reach if it got through; `url` is where somebody listens."""

    secret: str
    target: str
    url: str

    @property
    def relations(self) -> tuple[str, ...]:
        """What could stand after FROM."""
        return (
            f"'{self.secret}'", f'"{self.secret}"', f'"{self.url}/x.parquet"', f"read_csv('{self.secret}')",
            f"read_text('{self.secret}')", f"read_blob('{self.secret}')", f"read_parquet('{self.url}/x.parquet')",
            f"read_json_auto('{self.url}/x.json')", "glob('/*')", f"sniff_csv('{self.secret}')", "range(10)",
            "duckdb_settings()", "duckdb_secrets()", "pragma_version()", "duckdb_extensions()", "generate_series(1, 9)",
            f"query('COPY (SELECT 1) TO ''{self.target}''')", "query_table('stars')", "sql_auto_complete('S')",
            "which_secret('a', 's3')", f"sqlite_scan('{self.secret}', 't')", f"postgres_scan('{self.url}', 'a', 'b')",
            "(VALUES (1))", "(FROM stars)", "(TABLE stars)", "(DESCRIBE stars)", "(SHOW TABLES)", "unnest([1, 2])",
        )  # fmt: skip

    @property
    def values(self) -> tuple[str, ...]:
        """What could stand where a value does."""
        return (
            "getenv('HOME')", "current_setting('home_directory')", f"read_text('{self.secret}')", "version()", "uuid()",
            "sleep_ms(100000)", "nextval('s')", "txid_current()", "random()", "setseed(0.5)", "current_database()",
            "getvariable('x')", "error('x')", "repeat('x', 1000000000)", "lpad('x', 2000000000, 'y')", "list(id)",
            "regexp_matches(name, '(a+)+$')", "struct_pack(a := 1)", "COLUMNS(*)", "x -> x + 1", "[x for x in [1]]",
            "write_log('x')", "POWER(10, 1e308)", "EXP(1e5)", "SQRT(-1)", "LOG(-1)", "ACOS(2)", "MOD(id, 0)", "1/0",
            "CIRCLE(0, 0, 1e400)", "CIRCLE(NULL, NULL, -1)", "POLYGON(0, 0, 0, 0, 0, 0)", "BOX(0, 90, 720, -5)",
            "POINT(1e308, 91)", "REGION('CIRCLE x')", "ivo_healpix_index(99, ra, dec)", "IN_UNIT(ra, 'furlong')",
        )  # fmt: skip

    @property
    def statements(self) -> tuple[str, ...]:
        """What is no query; `{}` stands for one."""
        return (
            "COPY ({}) TO '" + self.target + "'", "CREATE TABLE x AS {}", "EXPLAIN ANALYZE {}", "{}; DROP TABLE stars",
            "ATTACH '" + self.target + "' AS x; {}", "PRAGMA database_list; {}", "SET enable_external_access = 1; {}",
            "INSTALL httpfs FROM '" + self.url + "'; LOAD httpfs; {}", "EXPORT DATABASE '" + self.target + "'",
            "FROM ({})", "{} INTO OUTFILE '" + self.target + "'", "CALL pragma_version()", "SUMMARIZE {}",
            "PREPARE p AS {}; EXECUTE p", "WITH x AS ({}) INSERT INTO stars FROM x", "/* {} */", "-- {}", "{}--", "{})",
            "CREATE SECRET s (TYPE s3, ENDPOINT '" + self.url + "'); {}", "BEGIN; {}; COMMIT", "{} UNION {}", "({}",
            "VACUUM", "DESCRIBE {}",
        )  # fmt: skip


def corpus(name: str) -> list[str]:
    """Give the queries of one of the tables beside the tests of ADQL."""
    lines = (TABLES / f"{name}.adql").read_text("utf-8").splitlines()[1:]
    queries = [line.split(" ## ")[0] for line in lines if line[:2] != "##"]
    return [query.replace(r"\n", "\n").replace(r"\t", "\t").replace(r"\r", "\r") for query in queries]


class Mutations(Iterator[str]):
    """Queries without an end, the same for the same seed."""

    def __init__(self, seed: int, bait: Bait) -> None:
        self.random = Random(seed)
        self.bait = bait
        self.queries = [
            *corpus("valid"),
            *corpus("valid"),
            *corpus("extensions"),
            *corpus("invalid"),
            *corpus("unknown"),
        ]
        self.pool = (NAMES, NUMBERS, WORDS, SIGNS, CONTROLS, bait.relations, bait.values)

    def __next__(self) -> str:
        """Give a query with one to three things wrong with it; now and then with nothing."""
        query = self.random.choice(self.queries)
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 3))):
            query = self.changed(query)
        return query

    def changed(self, query: str) -> str:
        """Give a query with one more thing wrong with it."""
        ways: Sequence[Callable[[str], str]] = (
            *(4 * (self.tokens_changed,)), *(2 * (self.characters_changed,)),
            self.spliced, self.nested, self.lengthened, self.as_statement, self.cut,
        )  # fmt: skip
        return self.random.choice(ways)(query)

    def word(self) -> str:
        """Give a word that may be anything."""
        return self.random.choice(self.random.choice(self.pool))

    def tokens_changed(self, query: str) -> str:
        """Leave out, double, exchange, replace or add a token."""
        tokens = TOKEN.findall(query) or [" "]
        first, second = (self.random.randrange(len(tokens)) for _ in range(2))
        match self.random.randrange(5):
            case 0:
                del tokens[first : first + self.random.randint(1, 3)]
            case 1:
                tokens.insert(first, tokens[second])
            case 2:
                tokens[first], tokens[second] = tokens[second], tokens[first]
            case 3:
                tokens[first] = self.word()
            case _:
                tokens.insert(first, f" {self.word()} ")
        return "".join(tokens)

    def characters_changed(self, query: str) -> str:
        """Leave out a character, or put another one in."""
        place = self.random.randrange(len(query) + 1)
        other = self.random.choice((*CONTROLS, *OTHERS, chr(self.random.randrange(0x250)), ""))
        return query[:place] + other + query[place + self.random.randrange(2) :]

    def spliced(self, query: str) -> str:
        """Begin with one query and end with another."""
        other = self.random.choice(self.queries)
        return query[: self.random.randrange(len(query) + 1)] + other[self.random.randrange(len(other) + 1) :]

    def nested(self, query: str) -> str:
        """Put the query, or signs, into each other many times."""
        deep = self.random.choice((3, 30, 59, 61, 300, 3000))
        chain = (f"t{number} AS ({START}* FROM t{number - 1})" for number in range(1, deep))
        return self.random.choice(
            (
                (START + "* FROM (") * deep + query + ") AS x" * deep,
                START + "(" * deep + "1" + ")" * deep + STARS,
                query + " WHERE " + "NOT " * deep + "id = 1",
                query + " WHERE id = " + "- " * deep + "1",
                START + "CASE WHEN id = 1 THEN " * deep + "1" + " END" * deep + STARS,
                START + "ABS(" * deep + "id" + ")" * deep + STARS,
                "WITH " + ", ".join(chain) + " " + query,
                "(" * deep + query,
                query + ")" * deep,
            )
        )

    def lengthened(self, query: str) -> str:
        """Repeat something until the query is long, or too long."""
        times = self.random.choice((40, 400, 3000, 30_000))
        return self.random.choice(
            (
                query + " AND id = 1" * times,
                query + " WHERE id IN (" + ", ".join(map(str, range(times))) + ")",
                START + "x" * times + STARS,
                START + "'" + "x" * times + "' AS t" + STARS,
                START + "id " + "+ id " * times + STARS,
                START + ", ".join(["id"] * times) + STARS,
                START + "id" + STARS + (" UNION " + START + "id" + STARS) * (times // 40),
                START + "a0.id FROM " + ", ".join(f"stars AS a{number}" for number in range(times // 40)),
                query + " " * times,
                query + "\n--" * times,
            )
        )

    def as_statement(self, query: str) -> str:
        """Make a statement of it that is no query."""
        return self.random.choice(self.bait.statements).replace("{}", query)

    def cut(self, query: str) -> str:
        """End it early."""
        return query[: self.random.randrange(len(query) + 1)]
