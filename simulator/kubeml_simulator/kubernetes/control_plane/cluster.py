"""The cluster that a stack is brought up in: what the cloud would add to the control plane, and what the scheduler made of it.

It listens to the engine. When a node group has come up its nodes are registered, when an add-on has, its stand-ins are applied; both
happen before the next Kubernetes resource is, so that nothing is applied to a cluster that has no nodes yet.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kubeml_simulator.kubernetes import definitions
from kubeml_simulator.kubernetes.admission import built_in
from kubeml_simulator.kubernetes.control_plane import crds, decided, members, nodes
from kubeml_simulator.kubernetes.control_plane.client import ApiError, Client
from kubeml_simulator.kubernetes.control_plane.crds import Definitions
from kubeml_simulator.kubernetes.control_plane.decided import Decision
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError
from kubeml_simulator.kubernetes.control_plane.plane import ControlPlane
from kubeml_simulator.kubernetes.control_plane.stand_ins import claims_of, stand_in
from kubeml_simulator.kubernetes.control_plane.volumes import Provisioner
from kubeml_simulator.kubernetes.control_plane.waiting import until
from kubeml_simulator.kubernetes.tables import cluster_scoped
from kubeml_simulator.kubernetes.volumes import CLASS
from pulumi_kubeml.capacity.graph import Graph, Resource
from pulumi_kubeml.capacity.graph.readers import READERS
from pulumi_kubeml.capacity.graph.releases import release_pods
from pulumi_kubeml.catalog.charts import Chart

_SETTLE_SECONDS = 60.0
_GROUPS = {reader.group for reader in READERS}
_ADDONS = {reader.addon: reader.addon_pods for reader in READERS if reader.addon}
_MADE = {"create", "update", "create-replacement", "same"}


class LocalCluster:
    """A running control plane with the pools and add-ons of one stack.

    Args:
        plane: the control plane, running.
        sizes: the number of nodes of a pool, for those that shall not have as many as they may.
        definitions: a folder with true definitions of custom kinds.
    """

    def __init__(
        self, plane: ControlPlane, *, sizes: Mapping[str, int] | None = None, definitions: Path | None = None
    ) -> None:
        self.plane = plane
        self.sizes = dict(sizes or {})
        self.pools: dict[str, int] = {}
        """The pools that came up, and how many nodes each has."""
        self.server = ""
        """The address of the one cluster that this one stands for, once a provider has named it."""
        self._definitions = Definitions(definitions)
        self._resources: list[dict[str, Any]] = []
        self._new: list[dict[str, Any]] = []
        self._refused: list[Decision] = []
        self._settled = False
        self._served: set[str] = set()
        self._provisioner = Provisioner(plane.client)
        self._provisioner.start()

    @property
    def client(self) -> Client:
        """The client of the API server."""
        return self.plane.client

    def close(self) -> None:
        """Ends what it started itself; the control plane goes on."""
        self._provisioner.stop()

    # What the engine tells.

    def __call__(self, event: object) -> None:
        """Takes an event of the engine."""
        from kubeml_simulator.engine.events import Finished

        if isinstance(event, Finished) and event.step.op in _MADE and event.step.new is not None:
            self._resources.append(event.step.new)
            if event.step.type in _GROUPS or event.step.type in _ADDONS:
                self._new.append(event.step.new)

    def serve(self, cloud: str) -> None:
        """Makes what clusters of a cloud or a distribution have by themselves, once: kinds and storage classes."""
        if cloud not in self._served:
            self._served.add(cloud)
            scoped = cluster_scoped()
            crds.apply(
                self.client,
                [
                    crds.opened(group, kind, versions, cluster=(group, kind) in scoped)
                    for group, versions, kind in definitions.of_cloud(cloud)
                ],
            )
            for held in built_in(cloud):
                if held.token == CLASS:
                    self.client.apply({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", **held.state})

    def catch_up(self) -> None:
        """Adds the nodes and add-ons of what has come up since the last time."""
        self.plane.check()
        new, self._new = self._new, []
        if any(each["type"] in _GROUPS for each in new):
            self._register()
        for each in new:
            for pod in _ADDONS[each["type"]](Resource(each)) if each["type"] in _ADDONS else ():
                self.client.apply(stand_in(pod))

    def _register(self) -> None:
        graph = Graph(self._resources)
        wanted: list[dict[str, Any]] = []
        for pool in graph.pools:
            count = self.sizes.get(pool.name, pool.max)
            self.pools[pool.name] = count
            wanted += nodes.manifests(pool, count)
        nodes.register(self.client, wanted)

    # What the provider asks for.

    def install(self, row: Chart | None, release: dict[str, Any], *, defines: bool, namespace: str = "") -> None:
        """Applies what a chart of the table brings: its namespace, its definitions, and stand-ins of what it runs."""
        if row is None:
            return
        if namespace:
            self.namespace(namespace)
        if defines:
            crds.apply(self.client, self._definitions.of_chart(row))
        kinds = {each.name: each.kind for each in row.footprint}
        for pod in release_pods(Resource(release), ""):
            self.client.apply(stand_in(pod, kinds.get(pod.name, "Deployment"), claims_of(row, pod.name)))

    def namespace(self, name: str) -> None:
        """Makes a namespace that is not there yet."""
        if self.client.get("v1", "Namespace", name) is None:
            self.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def operate(self, custom: Mapping[str, Any]) -> None:
        """Makes the pods of a custom resource, as its operator would."""
        self._refused += members.make(self.client, custom)

    # What came of it.

    def settle(self) -> list[Decision]:
        """Waits until every pod runs or has no place, and gives what became of each; raises ControlPlaneError."""
        try:
            self.catch_up()
            with suppress(TimeoutError):
                self._settled = until(
                    lambda: decided.settled(self.client), seconds=_SETTLE_SECONDS, otherwise=TimeoutError
                )
            found = [*decided.decisions(self.client), *self._refused]
        except ApiError as error:
            raise ControlPlaneError(str(error)) from error
        return sorted(found, key=lambda each: (each.daemon, each.namespace, each.owner))

    def notes(self) -> list[str]:
        """What a reader of the result must know about it."""
        version = str(self.client.request("GET", "/version").get("gitVersion"))
        said = [
            f"on a control plane of Kubernetes {version}, from nothing: the recorded state is neither read nor written"
        ]
        said += [f"--nodes {each}: no pool of this run has this name" for each in self.sizes if each not in self.pools]
        if not self._settled:
            said.append(f"some pods were not settled within {_SETTLE_SECONDS:.0f} seconds")
        return said
