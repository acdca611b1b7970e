"""What the chart tells the processes: their settings in TOML, their addresses and secrets in the environment."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from uraniborg_hub.pools.settings import PoolLimits
from uraniborg_hub.settings import Culling
from uraniborg_portal.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Manifest, Render

PROFILE = {
    "slug": "large",
    "display_name": 'Large "and" <wide>',
    "cpu": {"limit": "8"},
    "memory": {"guarantee": "32Gi", "limit": "32Gi"},
    "image": {"name": "uraniborg/gpu", "digest": f"sha256:{'b' * 64}"},
    "groups": ["staff"],
    "gpu": 1,
}


def config_file(manifests: list[Manifest], component: str) -> str:
    """The text of a component's settings file."""
    name = f"uraniborg-{component}"
    found = [each for each in manifests if each["kind"] == "ConfigMap" and each["metadata"]["name"] == name]
    return found[0]["data"]["uraniborg.toml"]


def settings(manifests: list[Manifest], component: str) -> dict[str, Any]:
    """The settings of a component."""
    return tomllib.loads(config_file(manifests, component))


def environment(manifests: list[Manifest], component: str) -> dict[str, Any]:
    """The variables of a component: values, or the Secret and key that they come from."""
    name = f"uraniborg-{component}"
    found = next(each for each in manifests if each["kind"] == "Deployment" and each["metadata"]["name"] == name)
    variables = found["spec"]["template"]["spec"]["containers"][0]["env"]
    names = [each["name"] for each in variables]
    assert len(names) == len(set(names)), names
    return {each["name"]: each.get("value") or tuple(each["valueFrom"]["secretKeyRef"].values()) for each in variables}


@pytest.mark.parametrize(
    ("trait", "written"),
    [
        (5, 5),
        (2.5, 2.5),
        (True, True),
        ('a "b" <c>\n', 'a "b" <c>\n'),
        ([1, "x"], [1, "x"]),
        ({"a": {"b": []}}, {"a": {"b": []}}),
    ],
)
def test_hub_config_arrives_as_it_was_written(render: Render, trait: object, written: object) -> None:
    found = settings(render({"hub": {"config": {"Authenticator": {"trait": trait}}}}), "hub")
    value = found["hub"]["config"]["Authenticator"]["trait"]
    assert value == written
    assert type(value) is type(written)


def test_null_is_left_out(render: Render) -> None:
    found = settings(render({"hub": {"config": {"Authenticator": {"a": None, "b": 1}}}}), "hub")
    assert found["hub"]["config"]["Authenticator"] == {"b": 1}


def test_sign_in_of_z2jh_values(render: Render) -> None:
    config = {"JupyterHub": {"authenticator_class": "dummy", "admin_access": True}}
    found = settings(render({"hub": {"config": config}}), "hub")["hub"]
    assert found["authenticator"] == "dummy"
    assert found["config"]["JupyterHub"] == {"admin_access": True}


def test_profiles_fill_up_from_singleuser(render: Render) -> None:
    values = {"image": {"registry": "registry.example.org"}, "singleuser": {"profileList": [PROFILE]}}
    (found,) = settings(render(values), "hub")["kubernetes"]["profiles"]
    assert found == {
        "slug": "large",
        "title": 'Large "and" <wide>',
        "description": "",
        "default": False,
        "image": f"registry.example.org/uraniborg/gpu@sha256:{'b' * 64}",
        "cpu_request": "100m",
        "cpu_limit": "8",
        "memory_request": "32Gi",
        "memory_limit": "32Gi",
        "gpu": 1,
        "groups": ["staff"],
    }


@pytest.mark.parametrize(
    ("storage", "home"),
    [
        ({}, {"kind": "shared", "claim": "uraniborg-homes"}),
        ({"shared": {"existingClaim": "nfs"}}, {"kind": "shared", "claim": "nfs"}),
        ({"quota": "50Gi"}, {"kind": "shared", "claim": "uraniborg-homes", "quota": "50Gi"}),
        ({"type": "dynamic", "capacity": "5Gi"}, {"kind": "claim", "size": "5Gi"}),
        (
            {"type": "dynamic", "dynamic": {"storageClass": "fast"}},
            {"kind": "claim", "size": "10Gi", "storage_class": "fast"},
        ),
    ],
)
def test_homes(render: Render, storage: dict[str, Any], home: dict[str, str]) -> None:
    found = render({"singleuser": {"storage": storage}})
    assert settings(found, "hub")["kubernetes"]["home"] == home
    claims = {each["metadata"]["name"] for each in found if each["kind"] == "PersistentVolumeClaim"}
    assert ("uraniborg-homes" in claims) == (home.get("claim") == "uraniborg-homes")


def test_jobs_run_on_workers_of_the_portals_image(manifests: list[Manifest]) -> None:
    pools = PoolLimits.model_validate(settings(manifests, "pools")["pools"])
    deployment = next(
        each for each in manifests if each["kind"] == "Deployment" and "-portal" in each["metadata"]["name"]
    )
    pod = deployment["spec"]["template"]
    assert pools.compute.image == pod["spec"]["containers"][0]["image"]
    assert pools.compute.client_labels.items() <= pod["metadata"]["labels"].items()
    assert pools.compute.client_namespace == deployment["metadata"]["namespace"]
    assert pools.compute.memory == 2**31
    portal = settings(manifests, "portal")
    assert portal["jobs"] == {"compute": "dask", "workers": 4}
    assert portal["queries"]["scans"] == "processes" and pools.compute.catalogs is None
    assert portal["pools_url"] == "http://uraniborg-pools.science:8000/services/pools/"


def test_workers_of_jobs_get_the_mirror_and_what_the_values_say(render: Render) -> None:
    workers = {"minimum": 0, "maximum": 3, "threads": 2, "memory": "512Mi", "extraEnv": {"HTTPS_PROXY": "http://p:1"}}
    values = {
        "dataMirror": "https://m.example/",
        "portal": {"config": {"network": False}, "jobs": {"workers": workers}},
    }
    found = settings(render(values), "pools")["pools"]["compute"]
    assert found["environment"] == {
        "URANIBORG_DATA_MIRROR": "https://m.example/",
        "URANIBORG_NETWORK": "false",
        "HTTPS_PROXY": "http://p:1",
    }
    assert (found["minimum"], found["maximum"], found["memory"]) == (0, 3, "512Mi")
    assert settings(render(values), "portal")["jobs"]["workers"] == 6


def test_jobs_can_stay_in_the_portals_pod(render: Render) -> None:
    found = render({"portal": {"jobs": {"compute": "processes"}, "config": {"jobs": {"workers": 3}}}})
    assert settings(found, "portal")["jobs"] == {"compute": "processes", "workers": 3}
    assert "compute" not in settings(found, "pools")["pools"]


def test_the_portal_reads_what_it_is_told(render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config: dict[str, Any] = {
        "hips_hosts": ["hips.example.org"],
        "uploads": {"hosts": ["tables.example.org"], "megabytes": 200},
        "remote_tap": {"services": {"ours": "https://tap.example.org/tap"}, "presets": False, "async_seconds": 0.5},
        "user_tables": {"megabytes_per_user": 5_000_000},
        "targets": {"names": 10},
        "ingest": {"max_bad": 0},
        "remote_catalogs": {"at_once": 2},
        "curation": {"authority": "org.example", "publisher": 'The "Example" <Observatory>', "contact": ""},
    }
    values = {"portal": {"config": config}}
    written = tmp_path / "uraniborg.toml"
    written.write_text(config_file(render(values), "portal"))
    monkeypatch.setenv("URANIBORG_CONFIG", str(written))
    found = Settings().model_dump(mode="json", include=set(config))
    assert {
        name: {**found[name], **given} if isinstance(given, dict) else given for name, given in config.items()
    } == found


def scans(**values: object) -> dict[str, Any]:
    """Values with scans on the workers of jobs."""
    return {"portal": {"scans": {"compute": "dask", "catalogsClaim": "sky"}, **values}}


def test_workers_of_scans_see_the_catalogs_where_the_portal_has_them(render: Render) -> None:
    found = render(scans(config={"queries": {"step_values": 1000}}))
    assert settings(found, "portal")["queries"] == {"scans": "dask", "scan_processes": 4, "step_values": 1000}
    catalogs = PoolLimits.model_validate(settings(found, "pools")["pools"]).compute.catalogs
    assert catalogs.claim == "sky"
    deployment = next(
        each for each in found if (each["kind"], each["metadata"]["name"]) == ("Deployment", "uraniborg-portal")
    )
    mounts = deployment["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    assert {"name": "catalogs", "mountPath": catalogs.path} in mounts


def test_a_claim_alone_gives_workers_nothing(render: Render) -> None:
    found = render({"portal": {"scans": {"catalogsClaim": "sky"}}})
    assert "catalogs" not in settings(found, "pools")["pools"]["compute"]
    assert "sky" not in str(rules(found))


def rules(manifests: list[Manifest]) -> list[str]:
    """What the admission policy asks of every pod of the labs' namespace."""
    policy = next(each for each in manifests if each["kind"] == "ValidatingAdmissionPolicy")
    return [each["expression"] for each in policy["spec"]["validations"]]


NO_CLAIM = "!has(v.ephemeral) && (!has(v.persistentVolumeClaim)"
READS = (
    "(v.persistentVolumeClaim.claimName == 'sky'"
    " && has(v.persistentVolumeClaim.readOnly) && v.persistentVolumeClaim.readOnly)"
)


@pytest.mark.parametrize(
    ("values", "of_jobs", "of_others"),
    [
        ({}, f"{NO_CLAIM})", None),
        (
            scans(),
            f"{NO_CLAIM} || {READS})",
            "!has(v.persistentVolumeClaim) || v.persistentVolumeClaim.claimName != 'sky'",
        ),
        (
            scans() | {"singleuser": {"catalogs": {"existingClaim": "sky"}}},
            f"{NO_CLAIM} || {READS})",
            f"!has(v.persistentVolumeClaim) || v.persistentVolumeClaim.claimName != 'sky' || {READS}",
        ),
        ({"portal": {"jobs": {"compute": "processes"}}}, None, None),
    ],
)
def test_pods_of_jobs_may_have_one_claim_which_others_leave_alone(
    render: Render, values: dict[str, Any], of_jobs: str | None, of_others: str | None
) -> None:
    found = [rule for rule in rules(render(values)) if "uraniborg/standing" in rule]
    jobs = f'!("uraniborg/standing" in variables.labels) || variables.volumes.all(v, {of_jobs})'
    others = f'"uraniborg/standing" in variables.labels || variables.volumes.all(v, {of_others})'
    assert found == [*([jobs] if of_jobs else []), *([others] if of_others else [])]


def test_images_of_jobs_are_for_their_pods_alone(render: Render) -> None:
    policy = next(each for each in render() if each["kind"] == "ValidatingAdmissionPolicy")
    images = next(each["expression"] for each in policy["spec"]["variables"] if each["name"] == "images")
    assert images == '"uraniborg/standing" in variables.labels ? ["uraniborg/portal"] : ["uraniborg/lab"]'


def test_hub_reads_what_it_is_told(manifests: list[Manifest]) -> None:
    module = pytest.importorskip("uraniborg_hub.kubernetes.settings")
    module.Kubernetes.model_validate(settings(manifests, "hub")["kubernetes"])


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, "http://localhost:8000/"),
        ({"publicUrl": "https://a.example.org/"}, "https://a.example.org/"),
        ({"ingress": {"enabled": True, "hosts": ["b.example.org"]}}, "http://b.example.org/"),
        ({"ingress": {"enabled": True, "hosts": ["b.example.org"], "tls": [{}]}}, "https://b.example.org/"),
        (
            {"httpRoute": {"enabled": True, "hostnames": ["c.example.org"], "gateways": [{"name": "g"}]}},
            "https://c.example.org/",
        ),
    ],
)
def test_one_public_address_for_all(render: Render, values: dict[str, Any], url: str) -> None:
    found = render(values)
    assert settings(found, "hub")["public_url"] == url
    for name in ("portal", "pools"):
        variables = environment(found, name)
        assert variables["JUPYTERHUB_PUBLIC_URL"] == f"{url}services/{name}/"
        assert variables["JUPYTERHUB_PUBLIC_HUB_URL"] == f"{url}hub/"


def test_hosts_of_their_own(render: Render) -> None:
    found = render({"publicUrl": "https://hub.example.org/", "subdomainHost": "https://hub.example.org"})
    assert settings(found, "hub")["hub"]["config"]["JupyterHub"]["subdomain_host"] == "https://hub.example.org"
    public = "https://portal--service.hub.example.org/services/portal/"
    assert settings(found, "hub")["kubernetes"]["portal_public_url"] == public
    variables = environment(found, "portal")
    assert variables["JUPYTERHUB_PUBLIC_URL"] == public
    assert variables["JUPYTERHUB_OAUTH_CALLBACK_URL"] == f"{public}oauth_callback"


def test_secrets_come_from_one_secret_or_from_existing_ones(render: Render) -> None:
    variables = environment(render(), "hub")
    assert variables["JPY_COOKIE_SECRET"] == ("uraniborg-secrets", "JPY_COOKIE_SECRET")
    secrets = {"cookieSecret": {"existingSecret": "vault", "key": "cookie"}}
    assert environment(render({"secrets": secrets}), "hub")["JPY_COOKIE_SECRET"] == ("vault", "cookie")


def test_hub_and_service_share_a_token(render: Render) -> None:
    found = render({"secrets": {"portalToken": {"existingSecret": "vault", "key": "portal"}}})
    assert environment(found, "hub")["URANIBORG_PORTAL_API_TOKEN"] == ("vault", "portal")
    assert environment(found, "portal")["JUPYTERHUB_API_TOKEN"] == ("vault", "portal")


@pytest.mark.parametrize(
    ("values", "hub", "portal"),
    [
        (
            {},
            "postgresql+psycopg://uraniborg:$(POSTGRES_PASSWORD)@uraniborg-postgresql:5432/hub",
            "postgresql+psycopg://uraniborg:$(POSTGRES_PASSWORD)@uraniborg-postgresql:5432/portal",
        ),
        ({"postgresql": {"enabled": False}}, None, None),
        (
            {
                "database": {
                    "hub": {"url": "postgresql+psycopg://a:b@c/d"},
                    "portal": {"existingSecret": "own", "key": "url"},
                }
            },
            ("uraniborg-database", "URANIBORG_HUB__DATABASE"),
            ("own", "url"),
        ),
    ],
)
def test_databases(render: Render, values: dict[str, Any], hub: object, portal: object) -> None:
    found = render(values)
    assert environment(found, "hub").get("URANIBORG_HUB__DATABASE") == hub
    assert environment(found, "portal").get("URANIBORG_DATABASE") == portal
    claims = {each["metadata"]["name"] for each in found if each["kind"] == "PersistentVolumeClaim"}
    assert ("uraniborg-hub" in claims) == (hub is None)


def test_labs_know_of_the_culler(render: Render) -> None:
    rules = {"timeout": 7200, "warning": 600, "maxAge": 86400}
    found = settings(render({"cull": rules}), "hub")["cull"]
    assert found == {"timeout": 7200, "warning": 600, "max_age": 86400}
    Culling.model_validate(found)
    assert "cull" not in settings(render({"cull": {"enabled": False}}), "hub")


def test_a_sites_own_authority_is_trusted_everywhere(render: Render) -> None:
    found = render({"certificates": {"configMap": "site"}})
    assert settings(found, "hub")["kubernetes"]["certificates"] == "uraniborg-certificates"
    assert settings(found, "pools")["pools"]["compute"]["certificates"] == "uraniborg-certificates"
    for name in ("hub", "portal", "pools", "proxy", "operator", "cull"):
        variables = environment(found, name)
        for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
            assert variables[variable] == "/etc/uraniborg/certificates/ca-bundle.crt", (name, variable)
        (pod,) = [
            each["spec"]["template"]["spec"]
            for each in found
            if each["kind"] == "Deployment" and each["metadata"]["name"] == f"uraniborg-{name}"
        ]
        assert {"name": "certificates", "configMap": {"name": "uraniborg-certificates"}} in pod["volumes"]
    jobs = {each["metadata"]["name"]: each for each in found if each["kind"] == "Job"}
    for name, event, namespace in (("trust", "pre-", "science"), ("trust-labs", "post-", "science-labs")):
        job = jobs[f"uraniborg-hook-{name}"]
        assert job["metadata"]["annotations"]["helm.sh/hook"] == f"{event}install,{event}upgrade"
        arguments = job["spec"]["template"]["spec"]["containers"][0]["args"]
        assert arguments[4] == namespace and arguments[-1] == "/certificates/ca.crt"
    plain = render()
    assert not any("certificates" in str(settings(plain, name)) for name in ("hub", "pools"))


def test_a_changed_setting_restarts_its_process_alone(render: Render) -> None:
    def checksums(values: dict[str, Any]) -> dict[str, str]:
        """Checksum of the settings in the pods of each Deployment."""
        pods = {
            each["metadata"]["name"]: each["spec"]["template"]
            for each in render(values)
            if each["kind"] == "Deployment"
        }
        notes = {name: pod["metadata"].get("annotations", {}) for name, pod in pods.items()}
        return {name: found["checksum/config"] for name, found in notes.items() if found}

    before, after = checksums({}), checksums({"portal": {"config": {"queries": {"seconds": 30}}}})
    assert {name for name in before if before[name] != after[name]} == {"uraniborg-portal"}
