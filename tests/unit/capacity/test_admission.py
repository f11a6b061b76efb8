"""What quotas and LimitRanges admit, and what a pod asks for, case by case; tests/cluster lets the real API server judge the same."""

import gc
import sys
from typing import Any

import pytest

from pulumi_kubeml.capacity.charges import charged, counts, overdrawn, refusal
from pulumi_kubeml.capacity.graph import known_pod
from pulumi_kubeml.capacity.graph.limits import violations
from pulumi_kubeml.capacity.graph.requests import Defaults, spec_limits, spec_requests
from pulumi_kubeml.capacity.model import Pod, Quota

GPU = "nvidia.com/gpu"


def asks(cpu: str, **more: object) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu}}, **more}


@pytest.mark.parametrize(
    ("what", "spec", "cpu"),
    [
        ("containers run together", {"containers": [asks("1"), asks("2")]}, 3000),
        ("an init container runs before", {"containers": [asks("1")], "initContainers": [asks("2"), asks("3")]}, 3000),
        (
            "a side-car runs beside all that comes after it",
            {"containers": [asks("1")], "initContainers": [asks("1", restartPolicy="Always"), asks("3")]},
            4000,
        ),
        (
            "an init container before a side-car does not run beside it",
            {"containers": [asks("1")], "initContainers": [asks("3"), asks("1", restartPolicy="Always")]},
            3000,
        ),
        ("the pod's own request counts", {"containers": [asks("1")], "resources": {"requests": {"cpu": "2"}}}, 2000),
        (
            "the pod's limit counts where nothing is asked",
            {"containers": [{}], "resources": {"limits": {"cpu": "2"}}},
            2000,
        ),
        ("but not where containers ask", {"containers": [asks("1")], "resources": {"limits": {"cpu": "2"}}}, 1000),
        ("overhead comes on top", {"containers": [asks("1")], "overhead": {"cpu": "250m"}}, 1250),
    ],
)
def test_a_pod_asks_for_what_runs_at_once(what: str, spec: dict[str, Any], cpu: int) -> None:
    assert spec_requests(spec) == {"cpu": cpu}, what


def test_overhead_raises_only_limits_that_there_are() -> None:
    spec = {"containers": [{"resources": {"limits": {"cpu": "1"}}}], "overhead": {"cpu": "1", "memory": "1Gi"}}
    assert spec_limits(spec) == {"cpu": 2000}
    assert spec_limits({"containers": [{}], "overhead": {"cpu": "1"}}) == {}


def test_a_limit_range_gives_what_a_container_leaves_open() -> None:
    defaults = Defaults.of(
        [{"type": "Container", "default": {"cpu": "2"}, "defaultRequest": {"cpu": "1"}, "min": {"memory": "1Ki"}}]
    )
    assert spec_requests({"containers": [{}]}, defaults) == {"cpu": 1000, "memory": 1024}
    assert spec_requests({"containers": [{"resources": {"limits": {"cpu": "3"}}}]}, defaults) == {
        "cpu": 3000,
        "memory": 1024,
    }
    assert spec_limits({"containers": [{}]}, defaults) == {"cpu": 2000}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"type": "Container", "max": {"cpu": "1"}}, "maximum cpu usage per Container is 1, but limit is 2"),
        (
            {"type": "Container", "max": {"memory": "1Gi"}},
            "maximum memory usage per Container is 1Gi.  No limit is specified",
        ),
        ({"type": "Container", "min": {"cpu": "3"}}, "minimum cpu usage per Container is 3, but request is 1"),
        (
            {"type": "Container", "min": {"memory": "1"}},
            "minimum memory usage per Container is 1.  No request is specified",
        ),
        ({"type": "Pod", "max": {"cpu": "3"}}, "maximum cpu usage per Pod is 3, but limit is 4"),
        (
            {"type": "Pod", "maxLimitRequestRatio": {"cpu": "1.5"}},
            "cpu max limit to request ratio per Pod is 1.5, but provided ratio is 2.000000",
        ),
    ],
)
def test_a_limit_range_says_what_it_forbids(rule: dict[str, Any], said: str) -> None:
    container = {"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}}
    found = violations([rule], {"containers": [container] * 2})
    assert set(found) == {said}


@pytest.mark.parametrize(
    ("scope", "pod", "counted"),
    [
        ({"scopeName": "BestEffort"}, {"containers": [{}]}, True),
        ({"scopeName": "BestEffort"}, {"containers": [asks("1")]}, False),
        ({"scopeName": "NotBestEffort"}, {"containers": [{}], "initContainers": [asks("1")]}, True),
        ({"scopeName": "Terminating"}, {"activeDeadlineSeconds": 60}, True),
        ({"scopeName": "NotTerminating"}, {"activeDeadlineSeconds": 60}, False),
        (
            {"scopeName": "PriorityClass", "operator": "In", "values": ["serving-l4"]},
            {"priorityClassName": "serving-l4"},
            True,
        ),
        (
            {"scopeName": "PriorityClass", "operator": "In", "values": ["serving-l4"]},
            {"priorityClassName": "other"},
            False,
        ),
        ({"scopeName": "PriorityClass", "operator": "NotIn", "values": ["serving-l4"]}, {}, True),
        ({"scopeName": "PriorityClass", "operator": "DoesNotExist"}, {}, True),
        ({"scopeName": "PriorityClass", "operator": "Exists"}, {}, False),
        ({"scopeName": "Unheard"}, {}, False),
    ],
)
def test_a_quota_counts_the_pods_in_its_scope(scope: dict[str, Any], pod: dict[str, Any], counted: bool) -> None:
    assert counts(Quota("team", "q", {}, scopes=(scope,)), known_pod({"spec": pod})) == counted


def test_a_quota_refuses_what_is_over_it_and_what_leaves_it_open() -> None:
    quota = Quota("team", "q", {"requests.cpu": 2000, "pods": 3, f"requests.{GPU}": 1, "services": 0})
    pod = known_pod({"spec": {"containers": [{"resources": {"requests": {"cpu": "1"}, "limits": {GPU: 1}}}]}})
    assert refusal(pod, quota, {"requests.cpu": 1000}) == ""
    assert refusal(pod, quota, {"requests.cpu": 1500, f"requests.{GPU}": 1}) == (
        "exceeded quota: q, requested: requests.cpu=1,requests.nvidia.com/gpu=1, used: requests.cpu=1500m,requests.nvidia.com/gpu=1, "
        "limited: requests.cpu=2,requests.nvidia.com/gpu=1"
    )
    assert refusal(known_pod({"spec": {"containers": [{}]}}), quota, {}) == "failed quota: q: must specify requests.cpu"


def test_every_quota_is_charged_with_its_own_namespace_at_the_most_replicas() -> None:
    quota = Quota("team", "q", {"cpu": 5000, "limits.cpu": 9000, "hugepages-2Mi": 1, "count/pods": 9})
    pods = [Pod("a", "team", 4, {"cpu": 1500, "hugepages-2Mi": 0}, limits={"cpu": 2000}), Pod("b", "other", 99)]
    assert charged(quota, pods) == {"cpu": 6000, "limits.cpu": 8000, "hugepages-2Mi": 0, "count/pods": 4}
    assert overdrawn([quota], pods) == [(quota, "cpu", 6000)]


def test_the_work_of_counting_quotas_grows_no_faster_than_the_teams() -> None:
    """Counted in calls of functions, so that neither the machine nor its caches decide."""

    def calls(teams: int) -> int:
        quotas = [
            Quota(f"team-{each}", name, {f"requests.{GPU}": 8, "pods": 9})
            for each in range(teams)
            for name in ("a", "b")
        ]
        pods = [Pod(f"p{each}", f"team-{each % teams}", 2, {GPU: 1}) for each in range(teams * 4)]
        made = 0

        def count(_: object, event: str, __: object) -> None:
            nonlocal made
            made += event == "call"

        gc.disable()  # what is called back at a collection is none of the arithmetic's
        sys.setprofile(count)
        try:
            overdrawn(quotas, pods)
        finally:
            sys.setprofile(None)
            gc.enable()
        return made

    once = calls(0)
    assert calls(100) - once == 10 * (calls(10) - once)
