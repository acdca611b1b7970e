"""The lists of browser modules follow the import statements, and notebooks can rewrite every import."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from uraniborg_portal.web.modules import ENTRIES, IMPORT, STATIC, imported, load_order

SHARED = [path for path in STATIC.rglob("*.js") if path.parent != STATIC]


@pytest.mark.parametrize("entry", ENTRIES.values())
def test_a_module_comes_after_everything_that_it_imports(entry: str) -> None:
    order = load_order(entry)
    assert order[0] == entry
    assert len(set(order)) == len(order)
    loaded: set[str] = set()
    for path in [*order[1:], entry]:
        assert set(imported(path)) <= loaded, path
        loaded.add(path)


def test_load_order_of_a_small_tree(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "a.js").write_text('import { b } from "./b.js";\nimport { c } from "../c.js";\n')
    (tmp_path / "a" / "b.js").write_text('import { c } from "../c.js";\n')
    (tmp_path / "c.js").write_text("export const c = 1;\n")
    assert load_order("a/a.js", tmp_path) == ["a/a.js", "c.js", "a/b.js"]


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_shared_modules_stay_away_from_the_page(path: Path) -> None:
    text = path.read_text()
    assert len(re.findall(r"^import ", text, re.MULTILINE)) == len(IMPORT.findall(text)), "every import is one line"
    assert not re.search(r"\bfetch\(|\blocation\b|\beval\(|new Function|innerHTML|import\(", text)


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda path: path.name)
def test_scripts_stay_small_and_name_no_other_host(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 400
    hosts = set(re.findall(r"https?://([^/\"'\s]+)", text))
    assert hosts <= ({"127.0.0.1:21012"} if path.name == "samp.js" else set())


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_what_is_exported_is_described(path: Path) -> None:
    text = path.read_text()
    for found in re.finditer(r"^export (?:async )?(?:function|class) (\w+)", text, re.MULTILINE):
        assert text[: found.start()].rstrip().endswith("*/"), found[1]


def test_page_and_modules_have_the_same_colors() -> None:
    site, style = (STATIC / "site.css").read_text(), (STATIC / "shared" / "style.js").read_text()
    page = dict(re.findall(r"--ub-([a-z-]+): (light-dark\([^)]+\));", site))
    defaults = dict(re.findall(r"var\(--ub-([a-z-]+), (light-dark\([^)]+\))\)", style))
    assert page == defaults
    assert len(page) > 10
