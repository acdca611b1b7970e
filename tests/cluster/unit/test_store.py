"""What the chart is told of the tests' own S3 server."""

from __future__ import annotations

from deployed.store import Store


def test_the_chart_is_told_where_the_files_are_and_pods_may_go_there_alone() -> None:
    given = Store(port=5001)
    assert given.files("opens-it") == {
        "url": "s3://uraniborg/portal",
        "options": {"endpoint_url": "http://198.19.0.1:5001"},
        "existingSecret": "opens-it",
    }
    rule = given.egress()
    assert rule["to"] == [{"ipBlock": {"cidr": "198.19.0.1/32"}}]
    assert rule["ports"] == [{"port": 5001, "protocol": "TCP"}]
