"""Where the settings of hub and pools come from: `URANIBORG_*` variables over one TOML file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Self

import platformdirs
from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from uraniborg_hub.errors import PlatformError


def default_home() -> Path:
    """Give the state folder: `URANIBORG_HOME`, otherwise the platform's user data folder."""
    return Path(os.environ.get("URANIBORG_HOME") or platformdirs.user_data_path("uraniborg")).expanduser()


def settings_file() -> Path:
    """Give the TOML file: `URANIBORG_CONFIG`, otherwise `uraniborg.toml` in the state folder, which need not exist.

    Raises
    ------
    PlatformError
        `URANIBORG_CONFIG` names a file that is not there.
    """
    named = os.environ.get("URANIBORG_CONFIG")
    if not named:
        return default_home() / "uraniborg.toml"
    path = Path(named).expanduser()
    if not path.is_file():
        raise PlatformError(f"URANIBORG_CONFIG is {named!r}, which is no file.", "Name a TOML file, or leave it out.")
    return path


class Environment(EnvSettingsSource):
    """`URANIBORG_*` variables; one that can't be read is a `PlatformError`."""

    def __call__(self) -> dict[str, Any]:
        """Give the values."""
        try:
            return super().__call__()
        except SettingsError as error:
            what = f"A URANIBORG_* variable can't be read: {error}."
            raise PlatformError(what, "Write tables, lists and sets as JSON.") from error


class PlatformSettings(BaseSettings):
    """Settings with these sources.

    Raises
    ------
    PlatformError
        A value or the TOML file is wrong; names the setting and what it accepts.
    """

    model_config = SettingsConfigDict(env_prefix="URANIBORG_", env_nested_delimiter="__", extra="ignore", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _explained(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise PlatformError(f"The setting {name} is wrong: {first['msg']}.", _where(name)) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: what the caller passes, then `URANIBORG_*`, then `settings_file`."""
        return init_settings, Environment(settings_cls), _toml(settings_cls)


def _toml(settings: type[BaseSettings]) -> TomlConfigSettingsSource:
    path = settings_file()
    try:
        return TomlConfigSettingsSource(settings, path)
    except tomllib.TOMLDecodeError as error:
        raise PlatformError(f"{path} is not TOML: {error}.", "Correct that line, or move the file away.") from error


def _where(name: str) -> str:
    variable = "URANIBORG_" + name.upper().replace(".", "__")
    file = os.environ.get("URANIBORG_CONFIG") or "uraniborg.toml in the state folder"
    return f"It comes from {variable} or from {file}."
