"""Users' ids that the cluster chooses, one a namespace, as OpenShift's `restricted-v2` does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deployed.cluster import Cluster

GROUP = "admissionregistration.k8s.io"
VERSIONS = {"Mutating": "v1beta1", "Validating": "v1"}
"""Of Kubernetes 1.34."""
EXCEPT_POSTGRESQL = """
!has(object.metadata.labels) || object.metadata.labels[?'app.kubernetes.io/component'].orValue('') != 'postgresql'
"""
"""PostgreSQL's image wants an id of its own, as the official one does: OpenShift's sites name a database of theirs."""
CHOOSE = """
has(object.spec.securityContext) && has(object.spec.securityContext.runAsUser) ? Object{{}} :
Object{{spec: Object.spec{{securityContext: Object.spec.securityContext{{runAsUser: {id}, fsGroup: {id}}}}}}}
"""
IS_CHOSEN = """
object.spec.securityContext.runAsUser == {id} && object.spec.securityContext.fsGroup == {id} &&
(object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])).all(each,
  !has(each.securityContext) || !has(each.securityContext.runAsUser) || each.securityContext.runAsUser == {id})
"""


def policies(namespace: str, number: int) -> list[dict[str, Any]]:
    """Give what sets the id of a namespace's pods that name none, and refuses those that name another."""
    name = {"name": f"chosen-id-{namespace}"}
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    where = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, "resourceRules": [pods]}
    common = {
        "failurePolicy": "Fail",
        "matchConstraints": where,
        "matchConditions": [{"name": "chosen", "expression": EXCEPT_POSTGRESQL.strip()}],
    }
    change = {"expression": CHOOSE.format(id=number).strip()}
    check = {"expression": IS_CHOSEN.format(id=number).strip(), "message": f"The user's id must be {number}."}
    mutations = [{"patchType": "ApplyConfiguration", "applyConfiguration": change}]
    mutating = {**common, "reinvocationPolicy": "Never", "mutations": mutations}
    bound = {"policyName": name["name"]}
    specs = {
        "MutatingAdmissionPolicy": mutating,
        "MutatingAdmissionPolicyBinding": bound,
        "ValidatingAdmissionPolicy": {**common, "validations": [check]},
        "ValidatingAdmissionPolicyBinding": {**bound, "validationActions": ["Deny"]},
    }
    return [
        {"apiVersion": f"{GROUP}/{version}", "kind": kind, "metadata": name, "spec": spec}
        for kind, spec in specs.items()
        for prefix, version in VERSIONS.items()
        if kind.startswith(prefix)
    ]


def can_choose(cluster: Cluster) -> bool:
    """Whether the cluster knows policies that change pods."""
    kinds = cluster.kubectl("api-resources", f"--api-group={GROUP}", "--no-headers")
    return "MutatingAdmissionPolicy" in kinds


@contextmanager
def chosen_ids(cluster: Cluster, ids: Mapping[str, int]) -> Iterator[None]:
    """Choose the users' ids of pods in some namespaces, as long as the block runs."""
    items = [each for namespace, number in ids.items() for each in policies(namespace, number)]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    try:
        cluster.kubectl("apply", "-f", "-", text=text)
        yield
    finally:
        cluster.kubectl("delete", "-f", "-", "--ignore-not-found", text=text)
