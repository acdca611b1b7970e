"""Settings to JupyterHub's configuration: the one file that touches `c`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.pages import RootHandler
from tornado.web import StaticFileHandler
from traitlets.config import Config

from uraniborg_hub import names
from uraniborg_hub.auth.choice import authenticator_class, check_options
from uraniborg_hub.auth.link import LinkAuthenticator
from uraniborg_hub.kubernetes.pod import MARGIN, traits
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.lab.spawner import LocalLabSpawner, platform_environment
from uraniborg_hub.policy import HEADERS, NonceExtension, policy
from uraniborg_hub.proxy import WatchedProxy
from uraniborg_hub.services import roles, services
from uraniborg_hub.settings import HubSettings, Wiring

PATIENCE = {"connect_timeout": 3, "tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5}
"""How long a PostgreSQL whose machine died keeps the hub waiting (libpq's parameters): it has one thread for all."""


def configure(c: Config, settings: HubSettings, wiring: Wiring | None = None) -> None:
    """Set everything that JupyterHub needs to run behind a proxy that is started beside it.

    Raises
    ------
    PlatformError
        The settings name an authenticator or an option that does not exist.
    """
    wiring = wiring or Wiring()
    _listen(c, settings, wiring)
    _keep(c, settings)
    _sign_in(c, settings)
    _pages(c)
    _labs(c, settings)
    if settings.kubernetes:
        _pods(c, settings, settings.kubernetes)
    else:
        _processes(c, settings)
    c.JupyterHub.services = services(wiring)
    c.JupyterHub.load_roles = roles(wiring)
    for name, values in settings.hub.config.items():
        c[name].update(values)


def _listen(c: Config, settings: HubSettings, wiring: Wiring) -> None:
    c.JupyterHub.bind_url = settings.public_url
    c.JupyterHub.public_url = settings.public_url
    c.JupyterHub.hub_bind_url = f"http://{settings.hub.bind}:{wiring.hub_port}"
    if settings.hub.connect_url:
        c.JupyterHub.hub_connect_url = settings.hub.connect_url
    # The proxy outlives a crash of the hub: the supervisor, or the cluster, keeps it.
    c.JupyterHub.proxy_class = WatchedProxy
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = wiring.proxy_api_url
    c.ConfigurableHTTPProxy.auth_token = wiring.proxy_token.get_secret_value()


def _keep(c: Config, settings: HubSettings) -> None:
    c.JupyterHub.db_url = settings.database_url
    if settings.database_url.startswith("postgresql"):
        c.JupyterHub.db_kwargs = {"connect_args": PATIENCE}
    # They are random, 192 bits: hashing them a thousand times would only slow each request of a service down.
    c.JupyterHub.trust_user_provided_tokens = True
    # Migrates the database of an older JupyterHub; of SQLite a copy is made first.
    c.JupyterHub.upgrade_db = True
    # Made where JPY_COOKIE_SECRET does not give the secret.
    c.JupyterHub.cookie_secret_file = str(settings.home / "hub" / "cookie_secret")
    c.JupyterHub.last_activity_interval = 300
    c.JupyterHub.init_spawners_timeout = 1


def _sign_in(c: Config, settings: HubSettings) -> None:
    chosen = authenticator_class(settings.hub.authenticator)
    check_options(chosen, settings.hub.authenticator_options)
    c.JupyterHub.authenticator_class = chosen
    c.Authenticator.allowed_users = set(settings.hub.allowed_users)
    c.Authenticator.admin_users = set(settings.hub.admin_users)
    if issubclass(chosen, LinkAuthenticator):
        c.LinkAuthenticator.home = settings.home
        c.LinkAuthenticator.here = settings.kubernetes is None
        if settings.has_owner:
            c.Authenticator.admin_users |= {settings.owner}
    for name, value in settings.hub.authenticator_options.items():
        c[chosen.__name__][name] = value


def first_page(handler: BaseHandler) -> str:
    """Give the page for who named none: the portal; who is signed in to the hub is signed in there on the way."""
    service = handler.services[names.PORTAL]
    # A path on the hub's host or, with `subdomain_host`, on the portal's own.
    portal = f"{service.host}{service.prefix}"
    stranger = isinstance(handler, RootHandler) and not handler.current_user
    return portal if stranger else f"{portal}login"


def _pages(c: Config) -> None:
    c.JupyterHub.default_url = first_page
    c.JupyterHub.template_paths = [str(Path(__file__).parent / "templates")]
    static = {"path": str(Path(__file__).parent / "static")}
    c.JupyterHub.extra_handlers = [(r"/uraniborg/(.*)", StaticFileHandler, static)]
    c.JupyterHub.jinja_environment_options = {"extensions": [NonceExtension]}
    c.JupyterHub.tornado_settings = {
        "headers": {**HEADERS, "Content-Security-Policy": policy()},
        "cookie_options": {"samesite": "Lax"},
    }


def _labs(c: Config, settings: HubSettings) -> None:
    limits = settings.lab
    c.JupyterHub.concurrent_spawn_limit = limits.at_once
    c.JupyterHub.implicit_spawn_seconds = 0.1
    c.Spawner.consecutive_failure_limit = 0
    c.Spawner.start_timeout = limits.start_seconds
    c.Spawner.http_timeout = 60
    c.Spawner.default_url = "/lab"
    c.Spawner.server_token_scopes = list(names.SERVER_SCOPES)


def _processes(c: Config, settings: HubSettings) -> None:
    c.JupyterHub.spawner_class = LocalLabSpawner
    c.Spawner.environment = platform_environment(settings.home, settings.public_url, settings.lab_activity)
    c.LocalLabSpawner.home = settings.home
    c.LocalLabSpawner.stop_seconds = settings.lab.stop_seconds


def _pods(c: Config, settings: HubSettings, kubernetes: Kubernetes) -> None:
    limits = settings.lab
    # Named, not imported: a laptop lacks the packages that it needs.
    c.JupyterHub.spawner_class = "uraniborg_hub.kubernetes.spawner.KubernetesLabSpawner"
    _measurements(c, kubernetes)
    # Labs outlive the hub that an upgrade or a node's drain ends; JupyterHub would end them all on SIGTERM.
    c.JupyterHub.cleanup_servers = False
    # Our start ends by itself after `start_seconds`, with a reason; JupyterHub's limit comes after it.
    c.Spawner.start_timeout = limits.start_seconds + MARGIN
    # A lab that has answered its spawner answers the hub, too.
    c.Spawner.http_timeout = 10
    # JupyterHub watches a start for so long before it shows the page of a starting lab, and then asks a start that is
    # not over for its failure: a 500 "InvalidStateError" instead of the reason. With 0 it never comes there.
    c.JupyterHub.tornado_settings["slow_spawn_timeout"] = 0
    c.KubernetesLabSpawner.settings = kubernetes
    # Under KubeSpawner's own name, so that `hub.config.KubeSpawner` can say otherwise.
    c.KubeSpawner.update(traits(kubernetes, settings.public_url, settings.lab_activity, limits.stop_seconds))


def _measurements(c: Config, kubernetes: Kubernetes) -> None:
    if kubernetes.home.kind == "shared":
        homes = import_module("uraniborg_hub.kubernetes.homes")
        c.JupyterHub.extra_handlers.append((homes.PATH, homes.HomesHandler, {"settings": kubernetes}))
