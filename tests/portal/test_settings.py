"""Settings: what a caller passes, then the environment, then the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from uraniborg_portal.settings import Settings

README = Path(__file__).resolve().parents[2] / "portal" / "README.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder named by the environment."""
    monkeypatch.setenv("URANIBORG_HOME", str(tmp_path))
    return tmp_path


def test_the_order_of_the_sources(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "uraniborg.toml").write_text(
        "port = 1001\nanonymous_reading = false\n[queries]\nseconds = 5\n[pools]\nx = 1\n"
    )
    monkeypatch.setenv("URANIBORG_PORT", "1002")
    assert Settings().port == 1002
    assert Settings(port=1003).port == 1003
    assert not Settings().anonymous_reading
    assert Settings().queries.seconds == 5
    monkeypatch.setenv("URANIBORG_QUERIES__SECONDS", "6")
    assert Settings().queries.seconds == 6


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "x"), ("PORT", "70000"), ("QUERIES__SECONDS", "0"), ("NETWORK", "perhaps")]
)
def test_what_is_no_value_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"URANIBORG_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def names(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Dotted names of every setting."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= names(inner, f"{prefix}{name}.")
        else:
            found.add(f"{prefix}{name}")
    return found


def test_the_readme_lists_every_setting() -> None:
    listed = set(re.findall(r"^\| `([a-z_.]+)` \|", README.read_text(), re.MULTILINE))
    assert listed == names(Settings)
