"""The simulated Kubernetes provider over a real API server: what the embedded one computes, this one applies.

Check and Diff are the embedded provider's. A creation or an update is a server-side apply, a state is what the API server gives back, and
a refusal is in its words (RBAC, quotas, Pod Security, definitions are all its own).
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from kubeml_simulator.kubernetes import checks, components, definitions, naming, releases
from kubeml_simulator.kubernetes.control_plane import crds, members
from kubeml_simulator.kubernetes.control_plane.client import ApiError
from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster
from kubeml_simulator.kubernetes.control_plane.decided import is_settled
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError
from kubeml_simulator.kubernetes.control_plane.waiting import until
from kubeml_simulator.kubernetes.kinds import RELEASE, Kind, kind_of
from kubeml_simulator.kubernetes.provider import KubernetesProvider
from kubeml_simulator.kubernetes.rules.walk import at
from kubeml_simulator.kubernetes.schemas import without_null
from kubeml_simulator.kubernetes.state import Moment
from kubeml_simulator.kubernetes.status import status
from kubeml_simulator.kubernetes.volumes import CLAIM, UnbindableError, bind
from kubeml_simulator.provider.failures import FailurePlan
from kubeml_simulator.provider.servicer import Refused
from kubeml_simulator.provider.world import World

_SECONDS = 30.0
_WITH_PODS = {("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet")}
_BALANCED = {("", "Service"), ("networking.k8s.io", "Ingress")}
_DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")
_QUOTA = ("", "ResourceQuota")


class ControlPlaneProvider(KubernetesProvider):
    """Pulumi's Kubernetes provider over a local control plane.

    Args:
        local: the cluster that everything is applied to.
        failures: the operations that shall fail.
        world: what exists, shared by the providers of one run.
    """

    def __init__(
        self, local: LocalCluster, failures: FailurePlan | Iterable[str] | None = None, world: World | None = None
    ) -> None:
        super().__init__(failures, world)
        self._local = local

    def identify(self, token: str, urn: str, inputs: dict[str, Any]) -> str:
        """`namespace/name`, after the object was applied or the release installed."""
        if token == RELEASE:
            return super().identify(token, urn, inputs)
        kind, metadata = kind_of(token), inputs.get("metadata") or {}
        with self._refusing(f'{kind.described} "{metadata.get("name") or metadata.get("generateName")}"'):
            if kind.form == "object" and metadata.get("name") and not self._upserts and self._read(kind, metadata):
                raise Refused(f'{kind.resource} "{metadata["name"]}" already exists')
            if token == CLAIM:
                self._bindable(inputs)
            named = metadata if metadata.get("name") else self._generate(kind, inputs)["metadata"]
        return naming.identity(str(named.get("namespace") or ""), str(named.get("name") or ""))

    def outputs(
        self, token: str, urn: str, inputs: dict[str, Any], *, preview: bool, identity: str, old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The object as the API server gives it back once it has applied it."""
        if preview:
            return super().outputs(token, urn, inputs, preview=preview, identity=identity, old=old)
        if token == RELEASE:
            return self._released(urn, inputs, old)
        kind = kind_of(token)
        namespace, _, name = identity.rpartition("/")
        metadata = {**(inputs.get("metadata") or {}), "name": name, **({"namespace": namespace} if namespace else {})}
        metadata.pop("generateName", None)
        with self._refusing(f'{kind.described} "{identity}"'):
            manifest = without_null({**inputs, "apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata})
            made = self._local.client.apply(manifest, manager=_manager(urn))
            made = self._followed(token, urn, made)
        return _state(kind, urn, made, inputs)

    def read(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> dict[str, Any] | None:
        """The object as it is now; None for one that the cluster does not have."""
        if token == RELEASE:
            return super().read(token, urn, identity, state)
        kind = kind_of(token)
        namespace, _, name = identity.rpartition("/")
        with self._refusing(f'{kind.described} "{identity}"'):
            found = self._read(kind, {"name": name, "namespace": namespace})
        return _state(kind, urn, found, state) if found else None

    def remove(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> None:
        """Deletes an object and waits until it is gone; a patch gives up the fields that it holds."""
        kind = kind_of(token)
        namespace, _, name = identity.rpartition("/")
        with self._refusing(f'{kind.described} "{identity}"'):
            if token == RELEASE:
                self._uninstall(state)
            elif kind.form == "patch":
                metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
                empty = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}
                self._local.client.apply(empty, manager=_manager(urn))
            else:
                self._local.client.delete(kind.api_version, kind.name, name, namespace)
                until(
                    lambda: self._read(kind, {"name": name, "namespace": namespace}) is None,
                    seconds=_SECONDS,
                    otherwise=lambda: Refused(f"{kind.described} {identity} was deleted and is not gone"),
                )
                if checks.is_custom(token):
                    members.disband(self._local.client, state)

    def construct(self, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """A kustomization or manifest: what the chart table knows of it is applied, and objects of a local file."""
        outputs = super().construct(token, name, inputs)
        sources = inputs.get(definitions.SOURCES[token])
        try:
            with self._refusing(name):
                for place in sources if isinstance(sources, list) else [sources]:
                    self._apply_source(str(place), {"urn": name, "type": token, "inputs": inputs})
        except Refused as refused:
            raise components.UnsupportedError(str(refused)) from refused
        return outputs

    def _apply_source(self, place: str, raw: dict[str, Any]) -> None:
        for row in definitions.rows_of_source(place):
            self._local.install(row, raw, defines=True, namespace=row.namespace)
        for document in definitions.local_documents(place):
            self._local.client.apply(document)

    # Shared by the methods above.

    @contextmanager
    def _refusing(self, what: str) -> Generator[None]:
        """Adds what came up in the cloud first; a refusal by the API server becomes one of this operation."""
        try:
            self._only_one()
            self._local.catch_up()
            yield
        except (ApiError, ControlPlaneError) as error:
            raise Refused(f"{what}: {error}") from error

    def _only_one(self) -> None:
        server = self.facts.server
        if server and self._local.server not in ("", server):
            raise Refused(f"a control plane stands for one cluster, {self._local.server}; this is another, {server}")
        self._local.server = self._local.server or server
        self._local.serve(self.facts.cloud)

    @property
    def _upserts(self) -> bool:
        return str(self.config.get("upsertExistingObjects")).lower() == "true"

    def _read(self, kind: Kind, metadata: Mapping[str, Any]) -> dict[str, Any] | None:
        named = str(metadata["name"]), str(metadata.get("namespace") or "")
        return self._local.client.get(kind.api_version, kind.name, *named)

    def _generate(self, kind: Kind, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return self._local.client.create(without_null({**inputs, "apiVersion": kind.api_version, "kind": kind.name}))

    def _bindable(self, claim: Mapping[str, Any]) -> None:
        classes = {
            each["metadata"]["name"]: each for each in self._local.client.list("storage.k8s.io/v1", "StorageClass")
        }
        try:
            bind(claim, classes, volume="", region=self.facts.region)
        except UnbindableError as unbindable:
            raise Refused(f"the claim would stay Pending: {unbindable}") from unbindable

    def _followed(self, token: str, urn: str, made: dict[str, Any]) -> dict[str, Any]:
        """Does what others than the API server do with an object, and gives it as it is then."""
        kind = kind_of(token)
        named = (kind.group, kind.name)
        if kind.form != "object":
            return made
        if named in _WITH_PODS:
            self._await(lambda: self._has_decided_pods(made))
        elif named == _DEFINITION:
            crds.served(self._local.client, [made])
        elif named in _BALANCED:
            reached = status(kind, made, Moment(urn, preview=False, old={}).digest("address"), self.facts)
            if reached["loadBalancer"]:
                own = {key: made["metadata"][key] for key in ("name", "namespace")}
                patch = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": own, "status": reached}
                return self._local.client.apply(patch, manager="load-balancer", subresource="status")
            return made
        elif token == CLAIM and made["spec"].get("storageClassName"):
            self._await(lambda: self._bound_or_waits(made))
        elif named == _QUOTA:
            self._await(lambda: self._counts(made))
        elif checks.is_custom(token):
            self._local.operate(made)
            return made
        else:
            return made
        return self._read(kind, made["metadata"]) or made

    def _counts(self, quota: Mapping[str, Any]) -> bool:
        """Whether a quota counts by what it says now: before that, whatever it is about is refused with other words."""
        metadata = quota["metadata"]
        now = self._local.client.get("v1", "ResourceQuota", metadata["name"], metadata["namespace"])
        return (at(now, "status", "hard") or {}) == (at(now, "spec", "hard") or {})

    def _has_decided_pods(self, workload: Mapping[str, Any]) -> bool:
        namespace = workload["metadata"]["namespace"]
        now = self._local.client.get(workload["apiVersion"], workload["kind"], workload["metadata"]["name"], namespace)
        conditions = at(now, "status", "conditions") or ()
        if any(each["type"] == "ReplicaFailure" and each["status"] == "True" for each in conditions):
            return True
        labels = at(workload, "spec", "selector", "matchLabels") or {}
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        pods = self._local.client.list("v1", "Pod", namespace, labelSelector=selector)
        if len(pods) < (at(now, "spec", "replicas") or 0) or not all(map(is_settled, pods)):
            return False
        running = sum(at(each, "status", "phase") == "Running" for each in pods)
        return (at(now, "status", "readyReplicas") or 0) >= running

    def _bound_or_waits(self, claim: Mapping[str, Any]) -> bool:
        client, metadata = self._local.client, claim["metadata"]
        storage_class = client.get("storage.k8s.io/v1", "StorageClass", claim["spec"]["storageClassName"])
        if at(storage_class, "volumeBindingMode") == "WaitForFirstConsumer":
            return True
        now = client.get("v1", "PersistentVolumeClaim", metadata["name"], metadata["namespace"])
        return at(now, "status", "phase") == "Bound"

    def _await(self, ask: Callable[[], bool]) -> None:
        until(ask, seconds=_SECONDS, otherwise=lambda: ControlPlaneError("its controllers did not act on it in time"))

    def _released(self, urn: str, inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        name = f"Helm release {inputs.get('namespace')}/{inputs.get('name')}"
        row = definitions.chart_of(inputs)
        with self._refusing(name):
            raw = {"urn": urn, "type": RELEASE, "inputs": inputs}
            defines = row is not None and definitions.defines(row, inputs)
            wanted = str(inputs.get("namespace")) if inputs.get("createNamespace") is True else ""
            self._local.install(row, raw, defines=defines, namespace=wanted)
        return releases.state(inputs, preview=False, old=old)

    def _uninstall(self, release: Mapping[str, Any]) -> None:
        """Deletes the stand-ins; definitions stay, as Helm leaves them."""
        for key, names in releases.resource_names(release).items():
            kind, _, version = key.partition("/")
            if kind != _DEFINITION[1]:
                for each in names:
                    namespace, _, name = each.rpartition("/")
                    self._local.client.delete(version, kind, name, namespace)


def _manager(urn: str) -> str:
    return f"pulumi-kubernetes-{Moment(urn, preview=False, old={}).digest('manager')[:8]}"


def _state(kind: Kind, urn: str, made: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The state of an object: what the API server gave, less its book-keeping; of a Secret only what the program gave, for it is secret."""
    metadata = {key: value for key, value in made["metadata"].items() if key != "managedFields"}
    state = {**made, "metadata": metadata, "__fieldManager": _manager(urn), "__initialApiVersion": kind.api_version}
    if (kind.group, kind.name) == ("", "Secret"):
        state.pop("data", None)
        state |= {key: inputs[key] for key in ("data", "stringData") if key in inputs}
    return state
