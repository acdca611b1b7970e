"""The hub's settings: their sources, and a sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.settings import HubSettings, Wiring, account

WIRING = {
    "CONFIGPROXY_AUTH_TOKEN": "one",
    "URANIBORG_PROXY_API_URL": "http://127.0.0.1:8001",
    "URANIBORG_HUB_PORT": "8081",
    "URANIBORG_PORTAL_SERVICE_URL": "http://127.0.0.1:9001/services/portal/",
    "URANIBORG_PORTAL_API_TOKEN": "two",
    "URANIBORG_POOLS_SERVICE_URL": "http://127.0.0.1:9002/services/pools/",
    "URANIBORG_POOLS_API_TOKEN": "three",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("URANIBORG_PORT", "URANIBORG_HOST", "URANIBORG_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("URANIBORG_HOME", str(tmp_path))
    return tmp_path


def test_defaults_listen_on_this_machine_alone(home: Path) -> None:
    settings = HubSettings()
    assert (settings.home, settings.host, settings.public_url) == (home, "127.0.0.1", "http://127.0.0.1:8000/")
    assert settings.hub.authenticator == "link" and not settings.hub.allowed_users


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'port = 8010\nowner = "Tycho"\n[hub]\nadmin_users = ["sophie"]\n[lab]\nstop_seconds = 2\n[pools]\nx = 1\n'
    (home / "uraniborg.toml").write_text(text)
    monkeypatch.setenv("URANIBORG_PORT", "8020")
    settings = HubSettings()
    assert (settings.port, settings.owner, settings.lab.stop_seconds) == (8020, "tycho", 2)
    assert settings.hub.admin_users == {"sophie"}


def test_an_address_of_ipv6_is_written_as_browsers_write_it(home: Path) -> None:
    assert HubSettings(host="::1").public_url == "http://[::1]:8000/"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("URANIBORG_PORT", "eight", "port"),
        ("URANIBORG_PORT", "70000", "port"),
        ("URANIBORG_HUB__ALLOWED_USERS", "tycho", "JSON"),
        ("URANIBORG_HUB__AUTHENTIKATOR", "link", "hub.authentikator"),
        ("URANIBORG_LAB__STOP_SECONDS", "-1", "lab.stop_seconds"),
    ],
)
def test_a_wrong_variable_is_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(PlatformError) as refusal:
        HubSettings()
    assert words in f"{refusal.value} {refusal.value.remedy}"


def test_a_wrong_file_is_a_sentence(home: Path) -> None:
    (home / "uraniborg.toml").write_text("port = [")
    with pytest.raises(PlatformError, match=r"uraniborg\.toml is not TOML"):
        HubSettings()


def test_a_file_that_is_named_and_absent_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URANIBORG_CONFIG", str(home / "absent.toml"))
    with pytest.raises(PlatformError, match=r"absent\.toml', which is no file"):
        HubSettings()


@pytest.mark.parametrize("url", ["uraniborg.example.org", "ftp://example.org/", "https://example.org/hub/"])
def test_a_public_address_is_a_whole_site(home: Path, url: str) -> None:
    with pytest.raises(PlatformError, match="not the address of a whole site"):
        HubSettings(public_url=url)


def test_an_account_without_a_name_has_an_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1000660000")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert account() == "owner"


def test_secrets_of_the_wiring_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WIRING.items():
        monkeypatch.setenv(name, value)
    wiring = Wiring()
    assert wiring.hub_port == 8081 and wiring.pools_token.get_secret_value() == "three"
    assert not {"one", "two", "three"} & set(repr(wiring).replace("'", " ").split())
