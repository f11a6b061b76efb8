"""The simulated Kubernetes provider: one cluster, kept in memory, that answers as an API server does."""

# ruff: noqa: ARG002 (hooks and protocol methods have the arguments of their interface)

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import grpc
import yaml
from pulumi.runtime.proto import provider_pb2

from kubeml_simulator.kubernetes import (
    admission,
    changes,
    checks,
    claims,
    cluster,
    components,
    configuration,
    definitions,
    naming,
    releases,
    schemas,
)
from kubeml_simulator.kubernetes.kinds import RELEASE, Kind, kind_of
from kubeml_simulator.kubernetes.rules.walk import at
from kubeml_simulator.kubernetes.state import Moment, state
from kubeml_simulator.kubernetes.volumes import CLAIM, UnbindableError
from kubeml_simulator.provider.difference import Change, Difference
from kubeml_simulator.provider.failures import Failure, FailurePlan
from kubeml_simulator.provider.servicer import Context, Refused, SimulatedProvider
from kubeml_simulator.provider.values import has_unknown, plain, reveal, struct
from kubeml_simulator.provider.world import Existing, World
from pulumi_kubeml.capacity.graph import Graph

# What exists in each cluster, by its address, for providers that share one world.
_CLUSTERS: WeakKeyDictionary[World, dict[str, World]] = WeakKeyDictionary()
_IN_PLACE = {
    provider_pb2.PropertyDiff.ADD_REPLACE: provider_pb2.PropertyDiff.ADD,
    provider_pb2.PropertyDiff.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE,
    provider_pb2.PropertyDiff.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE,
}
_DECODE = "kubernetes:yaml:decode"
_PROVIDER = "pulumi:providers:kubernetes"


class KubernetesProvider(SimulatedProvider):
    """Pulumi's kubernetes provider over an API server that is not there.

    Which version of Kubernetes it is, the kubeconfig says (see `cluster`); unknown, inputs are checked against the newest version.

    >>> provider = KubernetesProvider()
    >>> bad = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "Research"}}
    >>> urn = "urn:pulumi:dev::p::kubernetes:core/v1:Namespace::research"
    >>> [failure.path for failure in provider.check("kubernetes:core/v1:Namespace", urn, bad)]
    ['metadata.name']
    """

    package: ClassVar[str] = "kubernetes"
    distribution: ClassVar[str] = "pulumi-kubernetes"

    def __init__(self, failures: FailurePlan | Iterable[str] | None = None, world: World | None = None) -> None:
        super().__init__(failures, world)
        self._clusters = _CLUSTERS.setdefault(self.world, {})

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        """Takes the configuration; what exists is what exists in the cluster that it names."""
        answer = super().Configure(request, context)
        self.world = self._clusters.setdefault(self.facts.server, World())
        return answer

    def learn_graph(self, resources: Sequence[Mapping[str, Any]]) -> None:
        """Records what another stack has made in the same cluster: whatever went through a provider with its address."""
        server = self.facts.server
        if not server:
            return
        graph = Graph(resources)
        doors = {each.urn for each in graph.of_type(_PROVIDER) if configuration.server(each.raw) == server}
        inside = [each for each in graph.resources if each.kind is not None or each.type in definitions.SOURCES]
        self.world.learn_graph(
            # An engine gives a remote component no id.
            {**each.raw, "custom": True, "id": each.raw.get("id") or each.urn}
            for each in inside
            if graph.cluster_of(each) in doors
        )

    @property
    def facts(self) -> cluster.ClusterFacts:
        """What the configuration says about the cluster."""
        return configuration.facts(self.config)

    @property
    def version(self) -> str:
        """The minor version whose schemas are used."""
        return schemas.nearest(self.facts.version)

    @property
    def _namespace(self) -> str:
        return str(self.config.get("namespace") or "default")

    # Configuration.

    def check_config(self, config: dict[str, Any]) -> Iterator[Failure]:
        """The kubeconfig is one; nothing of it is ever shown."""
        return configuration.failures(config)

    def forces_config(self, change: Change) -> bool:
        """Another cluster replaces everything; another way into the same one does not."""
        return configuration.replaces(change)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """The change of the configuration; a cluster that is named by `clusterIdentifier` is another one only under another name."""
        answer = super().DiffConfig(request, context)
        old, new = (reveal(plain(given)).get("clusterIdentifier") for given in (request.old_inputs, request.news))
        if old and old == new:
            del answer.replaces[:]
            for change in answer.detailedDiff.values():
                change.kind = _IN_PLACE.get(change.kind, change.kind)
        return answer

    # Check.

    def complete(self, token: str, urn: str, inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with name and namespace."""
        if token == RELEASE:
            return releases.complete(urn, inputs, old, default_namespace=self._namespace)

        def taken(namespace: str, name: str) -> bool:
            return self.world.find(token, id=naming.identity(namespace, name)) is not None

        return naming.complete(kind_of(token), urn, inputs, old, default_namespace=self._namespace, taken=taken)

    def check(self, token: str, urn: str, inputs: dict[str, Any]) -> Iterable[Failure]:
        """Shape, names, and what must agree within the object."""
        return checks.failures(token, inputs, self.facts.version)

    # Diff.

    def diff(
        self, token: str, urn: str, old: dict[str, Any], new: dict[str, Any], state: Mapping[str, Any]
    ) -> Difference:
        """What changed, and whether the object must be made anew."""
        return changes.difference(token, old, new, self.config)

    # Create, update, delete, read.

    def identify(self, token: str, urn: str, inputs: dict[str, Any]) -> str:
        """`namespace/name`; refused when the API server would not make the object."""
        if token == RELEASE:
            identity = naming.identity(str(inputs.get("namespace")), str(inputs.get("name")))
            reason = releases.refusal(inputs, self.world)
            if reason:
                raise Refused(f"Helm release {identity} was not installed: {reason}")
            return identity
        kind = kind_of(token)
        made = self._state(kind, urn, inputs, preview=False, old={})
        namespace, name = str(at(made, "metadata", "namespace") or ""), str(at(made, "metadata", "name") or "")
        identity = naming.identity(namespace, name)
        if kind.form == "object":
            named = {**inputs, "metadata": made["metadata"]}
            reason = admission.refusal(kind, token, named, self.world, self.facts, custom=checks.is_custom(token))
            taken_over = reason.endswith("already exists") and configuration.on(
                self.config.get("upsertExistingObjects")
            )
            if reason and not taken_over:
                raise Refused(f'{kind.described} "{identity}" was not made by the API server: {reason}')
        return identity

    def outputs(
        self, token: str, urn: str, inputs: dict[str, Any], *, preview: bool, identity: str, old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The state that the API server gives back."""
        if token == RELEASE:
            return releases.state(inputs, preview=preview, old=old)
        kind = kind_of(token)
        if old:
            self._refuse_immutable(kind, token, inputs, old)
        made = self._state(kind, urn, inputs, preview=preview, old=old)
        if token != CLAIM or preview:
            return made
        try:
            return claims.completed(made, urn, old, self.world, self.facts)
        except UnbindableError as unbindable:
            raise Refused(f"the claim would stay Pending: {unbindable}") from unbindable

    def _state(
        self, kind: Kind, urn: str, inputs: Mapping[str, Any], *, preview: bool, old: Mapping[str, Any]
    ) -> dict[str, Any]:
        return state(kind, inputs, Moment(urn, preview, old), self.facts)

    def _refuse_immutable(self, kind: Kind, token: str, inputs: Mapping[str, Any], old: Mapping[str, Any]) -> None:
        found = [f"{failure.path}: {failure.reason()}" for failure in changes.refusals(token, old, inputs)]
        if found:
            identity = naming.identity(at(old, "metadata", "namespace") or "", at(old, "metadata", "name") or "")
            raise Refused(f'{kind.described} "{identity}" is invalid: {"; ".join(found)}')

    def read(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> dict[str, Any] | None:
        """The object as it is now; None for one that this cluster does not have."""
        known = self.world.find(token, id=identity)
        own = next(
            (held for held in admission.built_in(self.facts.cloud) if (held.token, held.id) == (token, identity)), None
        )
        found = state or dict(known.state if known else {})
        if token == CLAIM and found:
            bound = dict(claims.bindings(self.world, self.facts)).get(identity)
            return {**found, "spec": bound.filled, "status": bound.reached} if bound else found
        if found or own is None:
            return found or None
        kind = kind_of(token)
        manifest = {"apiVersion": kind.api_version, "kind": kind.name, **own.state}
        return self._state(kind, urn, manifest, preview=False, old={})

    # Functions and components.

    def invoke(self, token: str, args: dict[str, Any], *, preview: bool) -> dict[str, Any]:
        """`yaml:decode`; what would need Helm, kustomize or the network is refused by name."""
        if token != _DECODE:
            raise Refused(
                f"{token} is not simulated: it needs a program that renders; use helm.v3.Release or kustomize.v2.Directory"
            )
        text = args.get("text")
        if not isinstance(text, str) or has_unknown(text):
            raise Refused("kubernetes:yaml:decode: text must be known")
        try:
            return {"result": [document for document in yaml.safe_load_all(text) if document]}
        except yaml.YAMLError as error:
            raise Refused(f"kubernetes:yaml:decode: {error}") from error

    def construct(self, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """The outputs of a remote component; what it applies is remembered.

        Raises:
            UnsupportedError: for another component, or inputs that it does not have.
        """
        outputs = components.constructed(token, inputs)
        self.world.learn(Existing(name, token, name, inputs))
        return outputs

    def Construct(self, request: provider_pb2.ConstructRequest, context: Context) -> provider_pb2.ConstructResponse:
        """A remote component, registered with the engine without the objects inside."""
        try:
            outputs = self.construct(request.type, f"{request.parent}::{request.name}", reveal(plain(request.inputs)))
        except components.UnsupportedError as unsupported:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(unsupported))
            raise
        return components.register(request, struct(outputs))

    def failure_message(self, token: str, urn: str, operation: str, inputs: Mapping[str, Any]) -> str:
        """What the API server says when an injected failure strikes."""
        return f"{operation} of {urn} failed: Internal error occurred: the API server failed as asked by --fail"
