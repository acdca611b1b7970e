"""`[pools.kubernetes]`: its presence chooses the back end."""

from __future__ import annotations

from pathlib import Path

import pytest

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.pools.__main__ import backend_of
from uraniborg_hub.pools.dask_cluster.backend import DaskClusterBackend
from uraniborg_hub.pools.local import LocalBackend
from uraniborg_hub.pools.settings import Settings


def settings(home: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (home / "uraniborg.toml").write_text(text)
    monkeypatch.setenv("URANIBORG_HOME", str(home))
    return Settings()


def test_pools_are_pods_where_a_namespace_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(backend_of(settings(tmp_path, "[pools]\nworkers = 9\n", monkeypatch), {}), LocalBackend)
    table = '[pools.kubernetes]\nnamespace = "labs"\n'
    assert isinstance(backend_of(settings(tmp_path, table, monkeypatch), {}), DaskClusterBackend)


@pytest.mark.parametrize(
    ("table", "name"),
    [("", "pools.kubernetes.namespace"), ('namespace = "a"\nnamespaces = "b"', "pools.kubernetes.namespaces")],
)
def test_a_wrong_setting_is_named(table: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlatformError, match=f"The setting {name} is wrong"):
        settings(tmp_path, f"[pools.kubernetes]\n{table}\n", monkeypatch)
