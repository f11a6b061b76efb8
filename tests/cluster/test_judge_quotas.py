"""The real API server judges what quotas and LimitRanges admit: pod by pod, with the same words about the same keys."""

import itertools
import re
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from tests.cluster import drawn
from tests.cluster.judge import SECONDS, Judge

from pulumi_kubeml.capacity.charges import charged, refusal
from pulumi_kubeml.capacity.graph import known_pod
from pulumi_kubeml.capacity.graph.constraints import scopes
from pulumi_kubeml.capacity.graph.limits import violations
from pulumi_kubeml.capacity.graph.requests import Defaults, container_limits, container_requests
from pulumi_kubeml.capacity.model import Quota
from pulumi_kubeml.capacity.quantity import amounts

CASES = 60
CLASSES = ("serving-l4", "serving-h100")
Manifest = dict[str, Any]

_COMPUTE = {
    "cpu": ["2", "5500m"],
    "requests.memory": ["2Gi", "5G"],
    "limits.cpu": ["2", "9"],
    "limits.memory": ["4Gi"],
    "requests.cpu": ["3500m"],
    "memory": ["3500M"],
}
_ANY = {
    **_COMPUTE,
    "pods": ["3", "6"],
    "count/pods": ["4"],
    f"requests.{drawn.GPU}": ["0", "2", "4"],
    "requests.ephemeral-storage": ["1Gi"],
    f"requests.{drawn.PAGES}": ["32Mi"],
    "services": ["1"],
}
_SCOPED = {"pods", "count/pods", f"requests.{drawn.GPU}", *_COMPUTE}
_SCOPES: list[tuple[Manifest, set[str]]] = [
    ({}, set(_ANY)),
    ({"scopes": ["Terminating"]}, _SCOPED),
    ({"scopes": ["NotTerminating", "NotBestEffort"]}, _SCOPED),
    ({"scopes": ["BestEffort"]}, _SCOPED - set(_COMPUTE)),
    *(
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", **how}]}}, _SCOPED)
        for how in (
            {"operator": "In", "values": list(CLASSES[:1])},
            {"operator": "NotIn", "values": list(CLASSES[:1])},
            {"operator": "Exists"},
            {"operator": "DoesNotExist"},
        )
    ),
]
_LIMITS: list[list[Manifest]] = [
    [],
    [],
    [],
    [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "200m", "memory": "64Mi"}}],
    [{"type": "Container", "max": {"cpu": "800m"}, "min": {"cpu": "150m", "memory": "32Mi"}}],
    [{"type": "Container", "max": {"memory": "1Gi"}}, {"type": "Pod", "max": {"cpu": "2"}, "min": {"cpu": "100m"}}],
    [{"type": "Container", "default": {"cpu": "500m"}, "maxLimitRequestRatio": {"cpu": "3"}}],
    [{"type": "Pod", "maxLimitRequestRatio": {"cpu": "1.5"}, "max": {drawn.GPU: "2"}}],
]
_EXCEEDED = re.compile(r"exceeded quota: (\S+), requested: (\S+), used: (\S+), limited: (\S+)")
_UNSAID = re.compile(r"failed quota: (\S+): must specify (.+)")
_FORBIDDEN = re.compile(r"(?:maximum|minimum) \S+ usage per \w+|[^\s\[]+ max limit to request ratio per \w+")
_number = itertools.count(1)


@st.composite
def quotas(draw: st.DrawFn) -> list[Manifest]:
    """Draws one or two quotas, with keys that their scopes allow."""
    made: list[Manifest] = []
    for number in range(draw(st.integers(1, 2))):
        spec, keys = draw(st.sampled_from(_SCOPES))
        chosen = draw(st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=3, unique=True))
        hard = {key: draw(st.sampled_from(_ANY[key])) for key in chosen}
        made.append({"metadata": {"name": f"q{number}"}, "spec": {**spec, "hard": hard}})
    return made


@st.composite
def pods(draw: st.DrawFn) -> list[Manifest]:
    """Draws one to eight pods, some of a class, some with a deadline."""
    made: list[Manifest] = []
    for number in range(draw(st.integers(1, 8))):
        manifest = draw(drawn.pod(number))
        name = draw(st.sampled_from(["", *CLASSES]))
        manifest["spec"] |= {"priorityClassName": name} if name else {}
        manifest["spec"] |= draw(st.sampled_from([{}, {}, {"activeDeadlineSeconds": 600}]))
        made.append(manifest)
    return made


@pytest.fixture
def judge(client: Any) -> Judge:
    made = Judge(client)
    for name in CLASSES:
        made.made("/apis/scheduling.k8s.io/v1/priorityclasses", {"metadata": {"name": name}, "value": 0})
    return made


def test_the_api_server_admits_what_the_arithmetic_admits(judge: Judge, record_property: Any) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=CASES, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
    @given(quotas(), st.sampled_from(_LIMITS), pods())
    def judged(granted: list[Manifest], limits: list[Manifest], pods: list[Manifest]) -> None:
        namespace = _namespace(judge, granted, limits)
        mine = [_quota(namespace, each) for each in granted]
        used = {quota.name: dict.fromkeys(quota.hard, 0) for quota in mine}
        for manifest in pods:
            if limits:
                manifest["spec"].pop("resources", None)
            manifest["metadata"]["namespace"] = namespace
            expected = _expected(manifest, limits, mine, used)
            said = _ask(judge, namespace, manifest)
            note(
                f"{manifest['metadata']['name']}: the arithmetic says {expected or 'admitted'}; the API server {said or 'admitted'}"
            )
            assert said in expected if expected else not said
            tally["refused" if said else "admitted"] += 1
            if not said:
                pod = known_pod(manifest, Defaults.of(limits))
                for quota in mine:
                    for key, amount in charged(quota, [pod]).items():
                        used[quota.name][key] += amount
            _await_used(judge, namespace, used)
        tally["cases"] += 1

    judged()
    record_property(
        "told",
        f"quotas and LimitRanges against the API server: {tally['cases']} cases, {tally['admitted']} pods admitted, "
        f"{tally['refused']} refused",
    )
    assert tally["cases"] >= CASES
    assert min(tally["admitted"], tally["refused"]) * 5 > tally["admitted"] + tally["refused"], "both answers are drawn"


def _expected(
    manifest: Manifest, limits: list[Manifest], quotas: list[Quota], used: dict[str, dict[str, int]]
) -> set[str]:
    """What may be said of a pod, as `_essence` writes it; empty where it is admitted."""
    spec, defaults = manifest["spec"], Defaults.of(limits)
    for container in (*spec["containers"], *spec.get("initContainers", ())):
        most = container_limits(container, defaults)
        if any(amount > most.get(key, amount) for key, amount in container_requests(container, defaults).items()):
            return {"invalid"}
    broken = violations(limits, spec, defaults)
    if broken:
        return {_essence(f"[{', '.join(broken)}]")}
    pod = known_pod(manifest, defaults)
    return {_essence(text) for quota in quotas if (text := refusal(pod, quota, used[quota.name]))}


def _essence(text: str) -> str:
    """What a refusal says, without the form in which its amounts are written."""
    if found := _EXCEEDED.search(text):
        lists = [amounts(dict(each.split("=") for each in listed.split(","))) for listed in found.groups()[1:]]
        return f"quota {found[1]}: {lists}"
    if found := _UNSAID.search(text):
        return f"quota {found[1]}: unsaid {sorted(each.split(' for: ')[0] for each in found[2].split('; '))}"
    return str(sorted(set(_FORBIDDEN.findall(text))))


def _ask(judge: Judge, namespace: str, manifest: Manifest) -> str:
    try:
        judge.client.request("POST", f"/api/v1/namespaces/{namespace}/pods", manifest)
    except Exception as error:
        code = getattr(error, "code", 0)
        if code not in {403, 422}:
            raise
        note(str(error))
        return "invalid" if code == 422 else _essence(str(error))
    return ""


def _namespace(judge: Judge, granted: list[Manifest], limits: list[Manifest]) -> str:
    """Makes a namespace with the quotas and the LimitRange, and waits until the quotas are counted."""
    name = f"quota-{next(_number)}"
    judge.made("/api/v1/namespaces", {"metadata": {"name": name}})
    judge.made(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
    if limits:
        judge.made(
            f"/api/v1/namespaces/{name}/limitranges", {"metadata": {"name": "limits"}, "spec": {"limits": limits}}
        )
    for each in granted:
        judge.made(f"/api/v1/namespaces/{name}/resourcequotas", each)
    _await_used(judge, name, {each["metadata"]["name"]: dict.fromkeys(each["spec"]["hard"], 0) for each in granted})
    return name


def _await_used(judge: Judge, namespace: str, used: Mapping[str, Mapping[str, int]]) -> None:
    """Waits until the API server has counted what the arithmetic has; the quota controller may count behind it for a moment."""
    deadline = time.monotonic() + SECONDS
    while True:
        listed = judge.client.request("GET", f"/api/v1/namespaces/{namespace}/resourcequotas")["items"]
        counted = {each["metadata"]["name"]: amounts(each.get("status", {}).get("used") or {}) for each in listed}
        if counted == used:
            return
        assert time.monotonic() < deadline, f"the API server counts {counted}, the arithmetic {used}"


def _quota(namespace: str, manifest: Manifest) -> Quota:
    spec = manifest["spec"]
    return Quota(namespace, manifest["metadata"]["name"], amounts(spec["hard"]), scopes=scopes(spec))
