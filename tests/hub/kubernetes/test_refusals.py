"""The API's refusals in words; messages as a real API server wrote them."""

from __future__ import annotations

import pytest

from uraniborg_hub.kubernetes.refusals import refused, words

QUOTA = 'pods "lab-tycho" is forbidden: exceeded quota: labs, requested: pods=1, used: pods=5, limited: pods=5'


@pytest.mark.parametrize(
    ("status", "message", "code", "part"),
    [
        (403, QUOTA, "quota", "(pods 5 of pods 5)"),
        (
            403,
            'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
            "policy",
            "rules",
        ),
        (
            403,
            'pods is forbidden: User "system:serviceaccount:p:hub" cannot create resource "pods" in API group ""',
            "rights",
            "may not start",
        ),
        (404, 'namespaces "labs" not found', "namespace", "gone"),
        (403, "unable to create new content in namespace labs because it is being terminated", "namespace", "gone"),
        (422, 'Pod "lab-tycho" is invalid: spec.containers[0].image: Required value', "settings", "settings"),
        (0, "Cannot connect to host 10.0.0.1:6443", "cluster", "does not take new labs"),
        (500, "etcdserver: request timed out", "cluster", "does not take new labs"),
    ],
)
def test_refusals(status: int, message: str, code: str, part: str) -> None:
    failure = refused(status, message)
    assert (failure.code, failure.final) == (code, True) and part in failure.sentence
    assert failure.next_step and message in failure.details[0]


@pytest.mark.parametrize(
    ("body", "reason", "expected"),
    [('{"message": "no"}', "Forbidden", "no"), ("<html>", "Bad Gateway", "Bad Gateway"), (None, None, "")],
)
def test_the_words_of_an_answer(body: str | None, reason: str | None, expected: str) -> None:
    assert words(body, reason) == expected
