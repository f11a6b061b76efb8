"""Nodes and pods for the judge, drawn with every feature that decides where a pod may run.

All is drawn as plain manifests, so that a disagreement is printed as what anyone can apply. Node names are n0, n1, ...
"""

from typing import Any

from hypothesis import strategies as st

GPU, FPGA, PAGES = "nvidia.com/gpu", "example.com/fpga", "hugepages-2Mi"
ZONE, HOST, DISK, GENERATION = "topology.kubernetes.io/zone", "kubernetes.io/hostname", "disk", "generation"
NAMESPACES = {"judge-a": {"team": "a"}, "judge-b": {"team": "b"}}
OVERHEAD = {"cpu": "100m", "memory": "64Mi"}
RUNTIME = "judge"
Manifest = dict[str, Any]

_TAINTS = [
    {"key": GPU, "value": "present", "effect": "NoSchedule"},
    {"key": "team", "value": "a", "effect": "NoSchedule"},
    {"key": "team", "value": "a", "effect": "NoExecute"},
    {"key": "spot", "effect": "PreferNoSchedule"},
]
_TOLERATIONS = [
    {"operator": "Exists"},
    {"key": GPU, "operator": "Exists"},
    {"key": GPU, "operator": "Exists", "effect": "NoExecute"},
    {"key": "team", "operator": "Equal", "value": "a"},
    {"key": "team", "value": "a", "effect": "NoSchedule"},
    {"key": "team", "value": "b"},
]
_SELECTORS = [
    {"matchLabels": {"app": "x"}},
    {"matchExpressions": [{"key": "app", "operator": "In", "values": ["x", "y"]}]},
    {},
]
_EXPRESSIONS = [
    {"key": DISK, "operator": "In", "values": ["ssd"]},
    {"key": DISK, "operator": "NotIn", "values": ["ssd", "nvme"]},
    {"key": DISK, "operator": "Exists"},
    {"key": DISK, "operator": "DoesNotExist"},
    {"key": GENERATION, "operator": "Gt", "values": ["5"]},
    {"key": GENERATION, "operator": "Lt", "values": ["7"]},
    {"key": ZONE, "operator": "In", "values": ["a", "c"]},
]


def sometimes(strategy: st.SearchStrategy[Any], share: int = 4, otherwise: Any = None) -> st.SearchStrategy[Any]:
    """Draws it once in `share` times, and nothing else."""
    return st.integers(0, share - 1).flatmap(lambda number: strategy if number == share - 1 else st.just(otherwise))


@st.composite
def nodes(draw: st.DrawFn) -> list[Manifest]:
    """Draws two to five nodes."""
    return [draw(_node(number)) for number in range(draw(st.integers(2, 5)))]


@st.composite
def _node(draw: st.DrawFn, number: int) -> Manifest:
    labels = {HOST: f"n{number}"}
    for key, values in (
        (ZONE, ("a", "b", "c", "")),
        (DISK, ("", "ssd", "hdd")),
        (GENERATION, ("", "5", "6", "7", "6_1")),
    ):
        value = draw(st.sampled_from(values))
        labels |= {key: value} if value else {}
    allocatable = {
        "cpu": draw(st.sampled_from(["4", "2", "1", "1500m"])),
        "memory": draw(st.sampled_from(["8Gi", "2Gi", "1500M"])),
        "pods": draw(st.sampled_from(["110", "3", "2"])),
        "ephemeral-storage": draw(st.sampled_from(["20Gi", "1Gi"])),
    }
    extended = {GPU: draw(st.sampled_from(["", "4", "1"])), FPGA: draw(sometimes(st.just("1"), 4, ""))}
    extended[PAGES] = draw(sometimes(st.just("64Mi"), 4, ""))
    allocatable |= {key: value for key, value in extended.items() if value}
    taints = draw(sometimes(st.lists(st.sampled_from(_TAINTS), min_size=1, max_size=2, unique_by=str), 3, []))
    spec: Manifest = {"taints": list(taints)}
    if draw(sometimes(st.just(value=True), 10)):
        cordon = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
        spec |= {"unschedulable": True, "taints": [*taints, cordon]}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"n{number}", "labels": labels},
        "spec": spec,
        "status": {"capacity": dict(allocatable), "allocatable": allocatable},
    }


@st.composite
def pods(draw: st.DrawFn) -> list[Manifest]:
    """Draws one to eight pods, in the order in which they come; in each third set nothing but other pods decides."""
    kind = draw(sometimes(st.just(_beside), 3, pod))
    return [draw(kind(number)) for number in range(draw(st.integers(1, 8)))]


@st.composite
def _beside(draw: st.DrawFn, number: int) -> Manifest:
    """Draws a pod that asks for nothing but to be near to, apart from or evenly spread among others."""
    labels = draw(st.sampled_from([{"app": "x"}, {"app": "y"}]))
    affinity = {"podAffinity": draw(sometimes(_neighbours(), 4)), "podAntiAffinity": draw(sometimes(_neighbours(), 2))}
    spec: Manifest = {
        "containers": [{"name": "main", "image": "registry.example.com/none"}],
        "terminationGracePeriodSeconds": 0,
        "tolerations": [{"operator": "Exists"}],
        "affinity": {key: value for key, value in affinity.items() if value},
        "topologySpreadConstraints": draw(sometimes(_spreads(), 3, [])),
    }
    name = {"name": f"p{number}", "namespace": draw(st.sampled_from(sorted(NAMESPACES))), "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": name, "spec": spec}


@st.composite
def pod(draw: st.DrawFn, number: int) -> Manifest:
    """Draws one pod; each feature is rare enough for the others to decide too."""
    labels = draw(st.sampled_from([{"app": "x"}, {"app": "y"}, {}])) | draw(
        st.sampled_from([{"rev": "1"}, {"rev": "2"}, {}])
    )
    spec: Manifest = {"containers": draw(_containers("main", 2)), "terminationGracePeriodSeconds": 0}
    early = draw(sometimes(_containers("init", 2), 3))
    if early:
        always = draw(st.lists(st.booleans(), min_size=len(early), max_size=len(early)))
        spec["initContainers"] = [
            {**each, "restartPolicy": "Always"} if on else each for each, on in zip(early, always, strict=True)
        ]
    if draw(sometimes(st.just(value=True), 6)):
        spec |= {"runtimeClassName": RUNTIME, "overhead": OVERHEAD}
    whole = draw(
        sometimes(st.sampled_from([{"requests": {"cpu": "3500m"}}, {"limits": {"cpu": "3500m", "memory": "6Gi"}}]), 8)
    )
    if whole and not any("cpu" in (each.get("resources") or {}).get("limits", {}) for each in spec["containers"]):
        spec["resources"] = whole
    spec["nodeSelector"] = draw(sometimes(st.sampled_from([{DISK: "ssd"}, {ZONE: "a"}, {"absent": "x"}]), 6, {}))
    spec["tolerations"] = draw(
        sometimes(st.lists(st.sampled_from(_TOLERATIONS), min_size=1, max_size=2, unique_by=str), 2, [])
    )
    affinity = {
        "nodeAffinity": draw(sometimes(_node_affinity(), 4)),
        "podAffinity": draw(sometimes(_neighbours(), 6)),
        "podAntiAffinity": draw(sometimes(_neighbours(), 5)),
    }
    spec["affinity"] = {key: value for key, value in affinity.items() if value}
    spec["topologySpreadConstraints"] = draw(sometimes(_spreads(), 4, []))
    name = {"name": f"p{number}", "namespace": draw(st.sampled_from(sorted(NAMESPACES))), "labels": labels}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": name,
        "spec": {key: value for key, value in spec.items() if value != {} and value != []},
    }


@st.composite
def _containers(draw: st.DrawFn, name: str, most: int) -> list[Manifest]:
    return [draw(_container(f"{name}{number}")) for number in range(draw(st.integers(1, most)))]


@st.composite
def _container(draw: st.DrawFn, name: str) -> Manifest:
    requests = {
        "cpu": draw(st.sampled_from(["", "100m", "600m", "1"])),
        "memory": draw(st.sampled_from(["", "100M", "0.7Gi"])),
        "ephemeral-storage": draw(sometimes(st.just("700Mi"), 8, "")),
    }
    requests = {key: value for key, value in requests.items() if value}
    devices = {GPU: draw(sometimes(st.sampled_from(["1", "2"]), 5, "")), FPGA: draw(sometimes(st.just("1"), 10, ""))}
    limits = {key: value for key, value in devices.items() if value}
    if draw(sometimes(st.just(value=True), 10)):
        limits |= {PAGES: "32Mi"}
        requests.setdefault("cpu", "100m")  # pages come with cpu or memory
    if draw(sometimes(st.just(value=True), 5)):
        limits |= requests
        requests = {}
    made: Manifest = {
        "name": name,
        "image": "registry.example.com/none",
        "resources": {"requests": requests, "limits": limits},
    }
    if draw(sometimes(st.just(value=True), 8)):
        port = {"containerPort": draw(st.sampled_from([80, 81])) + (100 if name.endswith("1") else 0)}
        port |= {"hostPort": port["containerPort"], "protocol": draw(st.sampled_from(["TCP", "UDP"]))}
        made["ports"] = [port | draw(st.sampled_from([{}, {"hostIP": "127.0.0.1"}, {"hostIP": "10.0.0.1"}]))]
    return made


@st.composite
def _node_affinity(draw: st.DrawFn) -> Manifest:
    terms = draw(st.lists(_term(), min_size=1, max_size=2))
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}


@st.composite
def _term(draw: st.DrawFn) -> Manifest:
    term: Manifest = {
        "matchExpressions": draw(st.lists(st.sampled_from(_EXPRESSIONS), min_size=1, max_size=2, unique_by=str))
    }
    if draw(sometimes(st.just(value=True), 3)):
        operator = st.sampled_from(["In", "NotIn"])
        field = st.builds(
            lambda name, how: {"key": "metadata.name", "operator": how, "values": [name]},
            st.sampled_from(["n0", "n1", "n9"]),
            operator,
        )
        term["matchFields"] = draw(st.lists(field, min_size=1, max_size=2))
        if draw(st.booleans()):
            del term["matchExpressions"]
    return term


@st.composite
def _neighbours(draw: st.DrawFn) -> Manifest:
    terms: list[Manifest] = []
    for _ in range(draw(st.integers(1, 2))):
        term: Manifest = {"topologyKey": draw(st.sampled_from([HOST, ZONE, DISK]))}
        selector = draw(st.sampled_from([*_SELECTORS, None]))
        if selector is not None:
            term["labelSelector"] = selector
        term |= draw(
            sometimes(
                st.sampled_from(
                    [
                        {"namespaces": ["judge-b"]},
                        {"namespaceSelector": {}},
                        {"namespaceSelector": {"matchLabels": {"team": "a"}}},
                        {"namespaces": ["judge-a"], "namespaceSelector": {"matchLabels": {"team": "b"}}},
                    ]
                ),
                3,
                {},
            )
        )
        if selector is not None:
            term |= draw(
                sometimes(st.sampled_from([{"matchLabelKeys": ["rev"]}, {"mismatchLabelKeys": ["rev"]}]), 5, {})
            )
        terms.append(term)
    return {"requiredDuringSchedulingIgnoredDuringExecution": terms}


@st.composite
def _spreads(draw: st.DrawFn) -> list[Manifest]:
    made: list[Manifest] = []
    for key in draw(st.lists(st.sampled_from([HOST, ZONE, DISK]), min_size=1, max_size=2, unique=True)):
        constraint: Manifest = {
            "topologyKey": key,
            "maxSkew": draw(st.integers(1, 2)),
            "whenUnsatisfiable": draw(sometimes(st.just("ScheduleAnyway"), 5, "DoNotSchedule")),
            "labelSelector": draw(st.sampled_from(_SELECTORS)),
        }
        if constraint["whenUnsatisfiable"] == "DoNotSchedule":
            constraint |= draw(sometimes(st.sampled_from([{"minDomains": 2}, {"minDomains": 3}]), 4, {}))
        constraint |= draw(sometimes(st.just({"nodeAffinityPolicy": "Ignore"}), 4, {}))
        constraint |= draw(sometimes(st.just({"nodeTaintsPolicy": "Honor"}), 4, {}))
        constraint |= draw(sometimes(st.just({"matchLabelKeys": ["rev"]}), 6, {}))
        made.append(constraint)
    return made
