"""The history of the schema is one line."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

import uraniborg_portal


def test_revisions_are_numbered_in_one_line() -> None:
    script = ScriptDirectory(str(Path(uraniborg_portal.__file__).parent / "migrations"))
    numbers = [revision.revision for revision in script.walk_revisions()][::-1]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert len(script.get_heads()) == 1
