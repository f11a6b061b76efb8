"""Pods read out of a graph: how many, what each asks for, where it may land, and what is not known yet."""

from typing import Any

import pytest

from pulumi_kubeml.capacity.graph import UNKNOWN, Graph, namespaces, pods, quotas
from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.catalog.charts import charts

GPU = "nvidia.com/gpu"
GIB = 2**30
MAIN = {"name": "main", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {GPU: 1}}}
TEMPLATE = {"spec": {"containers": [MAIN]}}


def made(kind: str, spec: Any, name: str = "it", namespace: Any = "research", **more: Any) -> dict[str, Any]:
    return {
        "urn": f"urn:pulumi:dev::test::kubernetes:{kind}::{name}",
        "type": f"kubernetes:{kind}",
        "inputs": {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, "spec": spec},
        **more,
    }


def deployment(spec: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return made("apps/v1:Deployment", {"replicas": 3, "template": TEMPLATE, **(spec or {})}, **more)


def of_spec(spec: dict[str, Any]) -> Pod:
    (found,) = pods([made("core/v1:Pod", spec)])
    return found


WORKERS = {"replicas": 2, "maxReplicas": 5, "numOfHosts": 4, "groupName": "gpu", "template": TEMPLATE}
RAY = {"headGroupSpec": {"template": TEMPLATE}, "workerGroupSpecs": [WORKERS]}
JOB = {"parallelism": 4, "template": TEMPLATE}
COUNTS = [
    ("core/v1:Pod", TEMPLATE["spec"], {"": 1}),
    ("apps/v1:Deployment", {"template": TEMPLATE}, {"": 1}),
    ("apps/v1:StatefulSet", {"replicas": 0, "template": TEMPLATE}, {"": 0}),
    ("batch/v1:Job", JOB, {"": 4}),
    ("batch/v1:CronJob", {"jobTemplate": {"spec": JOB}}, {"": 4}),
    (
        "kubeflow.org/v1:TFJob",
        {"tfReplicaSpecs": {"Chief": {"template": TEMPLATE}, "Worker": {"replicas": 4, "template": TEMPLATE}}},
        {"Chief": 1, "Worker": 4},
    ),
    (
        "kubeflow.org/v1:PyTorchJob",
        {"pytorchReplicaSpecs": {"Worker": {"replicas": 7, "template": TEMPLATE}}},
        {"Worker": 7},
    ),
    (
        "kubeflow.org/v2beta1:MPIJob",
        {"mpiReplicaSpecs": {"Launcher": {"replicas": 1, "template": TEMPLATE}}},
        {"Launcher": 1},
    ),
    ("kubeflow.org/v1:Notebook", {"template": TEMPLATE}, {"": 1}),
    ("ray.io/v1:RayCluster", RAY, {"head": 1, "gpu": 8}),
    ("ray.io/v1:RayCluster", {**RAY, "enableInTreeAutoscaling": True}, {"head": 1, "gpu": 20}),
    (
        "ray.io/v1:RayJob",
        {"rayClusterSpec": RAY, "submitterPodTemplate": TEMPLATE},
        {"head": 1, "gpu": 8, "submitter": 1},
    ),
    ("ray.io/v1:RayService", {"rayClusterConfig": RAY}, {"head": 1, "gpu": 8}),
    (
        "jobset.x-k8s.io/v1alpha2:JobSet",
        {"replicatedJobs": [{"name": "nodes", "replicas": 3, "template": {"spec": JOB}}]},
        {"nodes": 12},
    ),
    (
        "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet",
        {"replicas": 2, "leaderWorkerTemplate": {"size": 4, "workerTemplate": TEMPLATE}},
        {"leader": 2, "worker": 6},
    ),
    (
        "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet",
        {"replicas": 2, "leaderWorkerTemplate": {"leaderTemplate": TEMPLATE, "size": 1, "workerTemplate": TEMPLATE}},
        {"leader": 2, "worker": 0},
    ),
    (
        "serving.kserve.io/v1beta1:InferenceService",
        {"predictor": {"minReplicas": 1, "maxReplicas": 6, "model": {"resources": MAIN["resources"]}}},
        {"predictor": 6},
    ),
    (
        "serving.kserve.io/v1alpha2:LLMInferenceService",
        {"replicas": 2, "template": TEMPLATE["spec"], "worker": TEMPLATE["spec"]},
        {"": 2, "worker": 2},
    ),
]


@pytest.mark.parametrize(
    ("kind", "spec", "counts"), COUNTS, ids=[f"{kind}-{index}" for index, (kind, _, _) in enumerate(COUNTS)]
)
def test_every_kind_counts_its_pods(kind: str, spec: dict[str, Any], counts: dict[str, int]) -> None:
    found = pods([made(kind, spec)])
    assert {pod.role: pod.replicas for pod in found} == counts
    assert all(pod.requests == {"cpu": 1000, "memory": GIB, GPU: 1} and not pod.undetermined for pod in found)


@pytest.mark.parametrize(
    "kind", ["trainer.kubeflow.org/v1alpha1:ClusterTrainingRuntime", "serving.kserve.io/v1alpha1:ServingRuntime"]
)
def test_what_only_describes_pods_runs_none(kind: str) -> None:
    spec = {"template": {"spec": {"replicatedJobs": [{"template": {"spec": JOB}}]}}, "containers": [MAIN]}
    assert pods([made(kind, spec)]) == []


def test_a_train_job_says_how_many_and_that_its_runtime_says_the_rest() -> None:
    (pod,) = pods(
        [
            made(
                "trainer.kubeflow.org/v1alpha1:TrainJob",
                {"trainer": {"numNodes": 4, "resourcesPerNode": MAIN["resources"]}},
            )
        ]
    )
    assert (pod.replicas, pod.requests[GPU]) == (4, 1)
    assert pod.undetermined == "spec.trainer is completed by its runtime"


def test_a_daemon_set_runs_one_a_node() -> None:
    (pod,) = pods([made("apps/v1:DaemonSet", {"template": TEMPLATE})])
    assert (pod.daemon, pod.replicas) == (True, 1)


def test_a_patch_runs_nothing_of_its_own() -> None:
    assert pods([made("apps/v1:DeploymentPatch", {"template": TEMPLATE})]) == []


def target(kind: str = "Deployment", name: str = "it") -> dict[str, str]:
    return {"kind": kind, "name": name, "apiVersion": "apps/v1"}


@pytest.mark.parametrize(
    ("scaler", "replicas"),
    [
        (made("autoscaling/v2:HorizontalPodAutoscaler", {"scaleTargetRef": target(), "maxReplicas": 20}), 20),
        (made("keda.sh/v1alpha1:ScaledObject", {"scaleTargetRef": {"name": "it"}, "maxReplicaCount": 7}), 7),
        (made("keda.sh/v1alpha1:ScaledObject", {"scaleTargetRef": {"name": "it"}}), 100),
        (
            made(
                "autoscaling/v2:HorizontalPodAutoscaler",
                {"scaleTargetRef": target(), "maxReplicas": 20},
                namespace="vision",
            ),
            3,
        ),
        (
            made(
                "autoscaling/v2:HorizontalPodAutoscaler", {"scaleTargetRef": target("StatefulSet"), "maxReplicas": 20}
            ),
            3,
        ),
    ],
)
def test_an_autoscaler_at_its_most_counts_for_its_own_target(scaler: dict[str, Any], replicas: int) -> None:
    assert [pod.replicas for pod in pods([deployment(), scaler])] == [replicas]


def test_an_autoscaler_of_groups_scales_every_member_of_a_group() -> None:
    group = {"replicas": 2, "leaderWorkerTemplate": {"size": 4, "workerTemplate": TEMPLATE}}
    leader = made("leaderworkerset.x-k8s.io/v1:LeaderWorkerSet", group)
    scaler = made(
        "autoscaling/v2:HorizontalPodAutoscaler", {"scaleTargetRef": target("LeaderWorkerSet"), "maxReplicas": 5}
    )
    assert {pod.role: pod.replicas for pod in pods([leader, scaler])} == {"leader": 5, "worker": 15}


def test_a_request_that_is_missing_is_the_limit() -> None:
    assert of_spec(
        {"containers": [{"resources": {"limits": {"cpu": 2, GPU: 2}, "requests": {"cpu": 1}}}]}
    ).requests == {"cpu": 1000, GPU: 2}


def test_init_containers_count_when_they_ask_for_more_and_side_cars_always() -> None:
    def cpu(amount: int, **more: Any) -> dict[str, Any]:
        return {"resources": {"requests": {"cpu": amount}}, **more}

    spec = {"containers": [cpu(2), cpu(1)], "initContainers": [cpu(5)]}
    assert of_spec(spec).requests == {"cpu": 5000}
    spec["initContainers"] = [cpu(1, restartPolicy="Always"), cpu(1)]
    assert of_spec(spec).requests == {"cpu": 4000}
    spec["initContainers"] = [cpu(1, restartPolicy="Always"), cpu(5)]
    assert of_spec(spec).requests == {"cpu": 6000}


def test_resources_of_the_whole_pod_replace_the_sum_and_overhead_is_added() -> None:
    spec = {"containers": [MAIN, MAIN], "resources": {"requests": {"cpu": "3"}}, "overhead": {"cpu": "250m"}}
    assert of_spec(spec).requests == {"cpu": 3250, "memory": 2 * GIB, GPU: 2}


def test_a_limit_range_gives_what_containers_leave_out() -> None:
    limits = [
        {"type": "Pod", "max": {"cpu": 64}},
        {"type": "Container", "default": {"cpu": 2, "memory": "4Gi"}, "defaultRequest": {"cpu": "500m"}},
    ]
    bare = deployment({"template": {"spec": {"containers": [{}, {"resources": {"limits": {"cpu": 1}}}]}}})
    assert pods([bare, made("core/v1:LimitRange", {"limits": limits}, name="l")])[0].requests == {
        "cpu": 1500,
        "memory": 8 * GIB,
    }
    assert pods([bare, made("core/v1:LimitRange", {"limits": limits}, name="l", namespace="vision")])[0].requests == {
        "cpu": 1000
    }


def test_where_a_pod_may_land_is_read() -> None:
    terms = [{"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]
    affinity = {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}},
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "db"}}}
            ]
        },
    }
    spec = {
        "containers": [MAIN],
        "nodeSelector": {"a": "b"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": affinity,
    }
    template = {"metadata": {"labels": {"app": "db"}}, "spec": spec}
    (pod,) = pods([deployment({"template": template})])
    assert (pod.node_selector, pod.tolerations, pod.affinity) == ({"a": "b"}, ({"operator": "Exists"},), tuple(terms))
    assert (pod.alone, pod.labels) == (True, {"app": "db"})
    template["metadata"] = {"labels": {"app": "other"}}
    assert pods([deployment({"template": template})])[0].alone is False


def test_a_host_port_keeps_two_pods_apart() -> None:
    assert of_spec({"containers": [{"ports": [{"containerPort": 80, "hostPort": 80}]}]}).alone is True


def test_what_is_not_known_is_said_and_the_rest_is_read() -> None:
    (pod,) = pods([deployment({"replicas": UNKNOWN})])
    assert (pod.replicas, pod.requests[GPU], pod.undetermined) == (1, 1, "spec.replicas is not known yet")
    (pod,) = pods([deployment({"template": {"spec": {"containers": [{"image": UNKNOWN, **MAIN}]}}})])
    assert pod.undetermined == "", "an unknown image has nothing to do with capacity"
    (pod,) = pods([deployment({"template": UNKNOWN})])
    assert (pod.name, pod.replicas, pod.undetermined) == ("it", 3, "spec.template is not known yet")
    (pod,) = pods([deployment(namespace=UNKNOWN)])
    assert (pod.namespace, pod.undetermined) == ("", "metadata.namespace is not known yet")


def test_a_wrong_quantity_is_said_and_counts_nothing() -> None:
    pod = of_spec({"containers": [{"resources": {"requests": {"cpu": "many"}}}]})
    assert pod.requests == {}
    assert pod.undetermined.startswith('"many" is not a quantity')


def release(chart: str, values: Any, **more: Any) -> dict[str, Any]:
    kind = "kubernetes:helm.sh/v3:Release"
    return {
        "urn": f"urn:pulumi:dev::test::{kind}::r",
        "type": kind,
        "inputs": {"chart": chart, "values": values, **more},
    }


def test_a_release_counts_as_the_chart_table_has_it_and_lands_as_its_values_say() -> None:
    toleration = {"key": "CriticalAddonsOnly", "operator": "Exists"}
    row = charts()["metrics-server"]
    (pod,) = pods(
        [
            release(
                "metrics-server",
                {"tolerations": [toleration], "nodeSelector": {"kubeml.io/pool": "system"}},
                namespace="kube-system",
            )
        ]
    )
    (workload,) = row.footprint
    assert (pod.name, pod.replicas, pod.namespace) == (workload.name, workload.replicas, "kube-system")
    assert pod.requests == {"cpu": workload.cpu, "memory": workload.memory}
    assert toleration in pod.tolerations
    assert pod.node_selector == {**workload.selector, "kubeml.io/pool": "system"}


def test_a_release_of_an_unknown_chart_counts_nothing_and_one_not_known_yet_says_so() -> None:
    assert pods([release("nobody-knows-it", {})]) == []
    (pod,) = pods([release(UNKNOWN, {})])
    assert (pod.replicas, pod.undetermined) == (0, "chart is not known yet")


def test_a_kustomization_counts_until_an_engine_expands_it() -> None:
    row = charts()["training-operator"]
    kind = "kubernetes:kustomize/v2:Directory"
    directory = {"urn": f"urn:pulumi:dev::test::{kind}::d", "type": kind, "inputs": {"directory": row.repository}}
    assert [pod.name for pod in pods([directory])] == ["training-operator"]
    child = deployment(parent=directory["urn"])
    assert [pod.name for pod in pods([directory, child])] == ["it"]


def test_a_kustomization_is_in_the_cluster_of_what_is_nearest_to_it() -> None:
    """An engine keeps no provider of a component, whoever constructs it."""
    row = charts()["training-operator"]
    stack: list[dict[str, Any]] = [{"urn": "root", "type": "pulumi:pulumi:Stack"}]
    for name in ("one", "two"):
        kind, platform = "pulumi:providers:kubernetes", f"platform-{name}"
        provider = {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "inputs": {"kubeconfig": name}}
        kind = "kubernetes:kustomize/v2:Directory"
        directory = {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "parent": platform}
        stack += [
            provider,
            {"urn": platform, "type": "kubeml:addons:Platform", "parent": "root"},
            deployment(name=f"web-{name}", provider=f"{provider['urn']}::id", parent=platform),
            directory | {"inputs": {"directory": row.repository}},
        ]
    stray = {"urn": "stray", "type": kind, "parent": "root", "inputs": {"directory": row.repository}}
    found = {each.urn.rpartition("::")[2]: each.cluster.rpartition("::")[2] for each in pods([*stack, stray])}
    assert found == {"web-one": "one", "web-two": "two", "one": "one", "two": "two", "stray": ""}


def test_an_eks_add_on_runs_what_the_table_says() -> None:
    kind = "aws:eks/addon:Addon"

    def addon(name: str) -> dict[str, Any]:
        return {
            "urn": f"urn:pulumi:dev::test::{kind}::{name}",
            "type": kind,
            "inputs": {"addonName": name, "clusterName": "ml"},
        }

    found = {pod.name: pod for pod in pods([addon("coredns"), addon("kube-proxy"), addon("something-else")])}
    assert {name: (pod.daemon, pod.replicas, dict(pod.requests)) for name, pod in found.items()} == {
        "coredns": (False, 2, {"cpu": 100, "memory": 70 * 2**20}),
        "kube-proxy": (True, 1, {"cpu": 100}),
    }


def test_quotas_and_namespaces_are_read_and_unknown_ones_are_told_apart() -> None:
    known = made(
        "core/v1:ResourceQuota",
        {"hard": {"requests.cpu": "8", f"requests.{GPU}": 4}, "scopes": ["Terminating"]},
        name="q",
    )
    graph = [
        known,
        made("core/v1:ResourceQuota", {"hard": UNKNOWN}, name="r"),
        made("core/v1:Namespace", {}, name="research"),
    ]
    (quota,) = quotas(graph)
    assert (quota.namespace, quota.name, quota.hard, quota.scoped) == (
        "research",
        "q",
        {"requests.cpu": 8000, f"requests.{GPU}": 4},
        True,
    )
    assert list(Graph(graph).unread_quotas.values()) == ["r: spec.hard is not known yet"]
    assert namespaces([*graph, made("core/v1:Namespace", {}, name=UNKNOWN)]) == ["research"]
