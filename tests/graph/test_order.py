"""Nothing comes before what it needs, and nothing goes before what needs it: on the graph of each production stack.

An engine makes a resource after everything that it depends on and deletes it before, in any order beside that. So the order is what
follows from the dependencies alone, through others where need be, not what one run happened to do.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property

import pytest
from tests.graph.conftest import Evaluated

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from pulumi_kubeml.capacity import graph as read

STACKS = ("prod-eks", "prod-gke", "prod-aks")
CLUSTERS = {
    "aws:eks/cluster:Cluster",
    "gcp:container/cluster:Cluster",
    "azure-native:containerservice:ManagedCluster",
}
POOLS = {
    "aws:eks/nodeGroup:NodeGroup": "kubeml:eks:NodeGroups",
    "gcp:container/nodePool:NodePool": "kubeml:gke:NodePools",
    "azure-native:containerservice:AgentPool": "kubeml:aks:NodePools",
}
NETWORKS = {"kubeml:eks:Network", "kubeml:gke:Network", "kubeml:aks:Network"}
ADDON = "aws:eks/addon:Addon"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:kubeflow.org/v1:TFJob"
POOL_NAMED = re.compile(r'"kubeml.io/pool": "([a-z]+)"')
RELEASE = "kubernetes:helm.sh/v3:Release"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SERVICE = "kubernetes:core/v1:Service"
POD_NETWORK, NAMES = {"vpc-cni"}, {"coredns"}
"""Add-ons of EKS without which no pod has an address, or finds another; GKE and AKS have their own."""


@dataclass(frozen=True)
class Stack(Evaluated):
    """A stack whose order is in question."""

    def name(self, urn):
        return urn.rpartition("::")[2]

    @cached_property
    def closure(self):
        """Everything that comes before each resource, by URN: dependencies, parents, providers, and theirs."""
        known = {}

        def before(urn):
            if urn not in known:
                known[urn] = frozenset()  # the graph has no cycle; a parent that is being asked for is not asked again
                each = self.by_urn[urn]
                named = {
                    *each.get("dependencies", ()),
                    *(one for all_ in each.get("propertyDependencies", {}).values() for one in all_ or ()),
                    each.get("provider", "").rpartition("::")[0],
                    each.get("deletedWith", ""),
                }
                direct = named & self.by_urn.keys()
                known[urn] = frozenset(direct.union(*(before(one) for one in direct)))
            return known[urn]

        for urn in self.by_urn:
            before(urn)
        return known

    def every(self, *types):
        return {each["urn"] for each in self.resources if each["type"] in types and each.get("custom")}

    @cached_property
    def groups(self):
        """Node groups by the pool that they are of; on AKS the system pool is part of the cluster."""
        found = {}
        for urn in self.every(*POOLS):
            parent = self.by_urn[self.by_urn[urn]["parent"]]
            found.setdefault(self.name(parent["urn"]).removeprefix("ml-"), set()).add(urn)
        found.setdefault("system", self.every(*CLUSTERS))
        return found

    @cached_property
    def network(self):
        return {
            each["urn"]
            for each in self.resources
            if each.get("custom") and NETWORKS & {self.by_urn[up]["type"] for up in self.parents(each)}
        }

    def parents(self, each):
        while each.get("parent"):
            yield each["parent"]
            each = self.by_urn[each["parent"]]

    @cached_property
    def running(self):
        """What has pods."""
        return {pod.urn for pod in read.pods(self.resources)}

    @cached_property
    def inside(self):
        """Everything in the cluster."""
        return {
            each["urn"]
            for each in self.resources
            if each["type"].startswith("kubernetes:") and each.get("custom", False)
        }


@pytest.fixture(scope="module", params=STACKS)
def stack(request, root):
    project = load_project(root)
    providers = Providers(
        in_process={
            "aws": AwsProvider,
            "gcp": GcpProvider,
            "azure-native": AzureProvider,
            "kubernetes": KubernetesProvider,
        }
    )
    result = run("up", project, project.stack(request.param), providers=providers, touch_state=False)
    assert result.ok, [each.message for each in result.diagnostics if each.severity == "error"]
    return Stack(result)


def test_what_runs_pods_waits_for_nodes_that_take_them(stack):
    """Of the pool that the pods name; of the platform's own where they name none, as pods of charts on any node do."""
    running = [urn for urn in stack.running if urn in stack.inside]
    assert len(running) >= 6
    for urn in running:
        named = set(POOL_NAMED.findall(json.dumps(stack.by_urn[urn]["inputs"]))) or {"system"}
        for pool in named | {"system"}:
            assert stack.groups[pool] <= stack.closure[urn], f"{urn} does not wait for the nodes of {pool}"


def test_a_workload_waits_for_every_pool_that_its_roles_name(stack):
    (job,), (server,) = stack.every(JOB), stack.every(DEPLOYMENT)
    assert stack.groups["train"] | stack.groups["general"] <= stack.closure[job]
    assert stack.groups["serve"] <= stack.closure[server]


def test_pods_have_addresses_and_names_before_the_first_of_them_starts(stack):
    """The network of pods comes before nodes, which are not ready without it; the others are pods themselves."""
    addons = {stack.name(urn).removeprefix("ml-"): urn for urn in stack.every(ADDON)}
    system = stack.groups["system"]
    for which, urn in addons.items():
        first = all(urn in stack.closure[group] for group in system)
        assert first or system <= stack.closure[urn], which
        assert first or which not in POD_NETWORK
    for urn in stack.running & stack.inside:
        for which in (POD_NETWORK | NAMES) & addons.keys():
            assert addons[which] in stack.closure[urn], f"{urn} does not wait for {which}"


def test_workloads_go_before_their_volumes_and_volumes_before_what_serves_them(stack):
    claims, classes = stack.every(CLAIM), stack.every(CLASS)
    assert len(claims) == 2
    for urn in claims:
        assert any(urn in stack.closure[user] for user in stack.every(JOB, DEPLOYMENT)), f"nothing goes before {urn}"
        assert classes & stack.closure[urn], "a volume without its class has nobody who deletes it"
        assert not stack.by_urn[urn].get("deletedWith"), "a disk must be deleted, not forgotten"
    for urn in classes:
        assert stack.groups["system"] <= stack.closure[urn], "a driver that deletes volumes needs nodes"


def test_load_balancers_go_before_what_makes_them_and_are_waited_for(stack):
    """A Service waits for pods behind it when it is made, and so cannot come before them: it goes first, or beside them."""
    services = stack.every(SERVICE)
    assert services
    controllers = {urn for urn in stack.every(RELEASE) if stack.name(urn).endswith("load-balancer-controller")}
    for urn in services:
        assert stack.every(*CLUSTERS) | controllers <= stack.closure[urn], urn
        assert not stack.by_urn[urn].get("deletedWith"), "a load balancer must be deleted, not forgotten"


def test_charts_go_before_the_nodes_that_run_them(stack):
    charts = stack.every(RELEASE)
    with_pods = {urn for urn in charts if urn in stack.running}
    assert len(with_pods) >= len(charts) - 1, "one chart has definitions alone"
    for urn in with_pods:
        assert stack.groups["system"] <= stack.closure[urn], urn


def test_everything_in_the_cluster_goes_before_it_and_pools_do(stack):
    cluster = stack.every(*CLUSTERS)
    assert len(cluster) == 1
    for urn in stack.inside | stack.every(*POOLS):
        assert cluster <= stack.closure[urn], urn


def test_the_network_goes_last(stack):
    """What the cluster stands in goes after it; what only nodes need, such as their way out, after the last of them; and what
    only shared files are reached by, after the class of their volumes."""
    (cluster,) = stack.every(*CLUSTERS)
    everything_else = [group for groups in stack.groups.values() for group in groups]
    assert len(stack.network) > 3
    for urn in stack.network:
        after_nodes = all(urn in stack.closure[group] for group in everything_else)
        after_files = any(urn in stack.closure[each] for each in stack.every(CLASS) if stack.name(each) == "ml-shared")
        assert urn in stack.closure[cluster] or after_nodes or after_files, f"{urn} can go while nodes still need it"
