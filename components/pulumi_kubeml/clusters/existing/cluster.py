"""`ExistingCluster`: a way into a cluster that is there already, and what is known of it."""

from importlib import import_module
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.clusters import check as common
from pulumi_kubeml.clusters.contract import SYSTEM_POOL, Cluster, Policy, WorkloadIdentity
from pulumi_kubeml.clusters.existing import check
from pulumi_kubeml.clusters.existing.args import ExistingClusterArgs, StackClusterArgs
from pulumi_kubeml.clusters.existing.server import server
from pulumi_kubeml.clusters.existing.told import compared
from pulumi_kubeml.clusters.handover import OUTPUT
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.nodes import LOCAL, POOL_LABEL, SYSTEM_TAINT, Placement, document
from pulumi_kubeml.problems import Problem

KUBECONFIG = "kubeconfig"
"""The output of a stack that leads into its cluster."""
_BUILT_IN = {"eks": "ADDONS", "gke": "BUILT_IN", "aks": "BUILT_IN"}


class ExistingCluster(Cluster):
    """A cluster that somebody else made: minikube, kind, kubeadm, any kubeconfig, or one of another stack (`from_stack`).

    Costs nothing and makes nothing but a provider: the nodes must have the labels of their pools already. What the cluster
    cannot give (`lacks`) is refused with the reason. Raises InvalidArgs, with everything that is wrong, before it registers anything.

    Example:
        ```python
        from pulumi_kubeml import ExistingCluster, ExistingClusterArgs, LocalPool

        cluster = ExistingCluster("ml", ExistingClusterArgs(
            kubernetes_version="1.35",
            distribution="kind",
            context="kind-ml",
            node_pools=[LocalPool("general", nodes=2, cpus=4, memory="8Gi")],
        ))
        ```
    """

    def __init__(
        self,
        name: str,
        args: ExistingClusterArgs | StackClusterArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        kubeconfig: pulumi.Input[str] | None = None,
        stack: str = "",
    ) -> None:
        """Make the way into a cluster.

        Args:
            name: Name of the component.
            args: What is said of the cluster.
            opts: Options of the component.
            kubeconfig: The content of a kubeconfig, kept as a secret; by default a file of this machine leads to the cluster.
            stack: Name of the stack that made the cluster; see `from_stack`.
        """
        if isinstance(args, StackClusterArgs):
            check.check_stack(name, args, stack)
            self.node_pools = check.stack_pools(args)
        else:
            check.check(name, args, given=kubeconfig is not None)
            self.node_pools = check.local_pools(args)
        super().__init__("kubeml:index:ExistingCluster", name, {"pools": document(self.node_pools)}, opts)
        self.kubernetes_version = args.kubernetes_version
        self.environment = args.environment
        self.tags = common.tags(args)
        self.ready = []
        self.nodes = {pool.name: [] for pool in self.node_pools}
        self.storage_classes = {}  # they are there
        if isinstance(args, StackClusterArgs):
            self._of_stack(name, args, stack)
        else:
            self._of_kubeconfig(name, args, kubeconfig)
        self.register_outputs(
            {"clusterName": self.cluster_name, "endpoint": self.endpoint, "kubeconfig": self.kubeconfig}
        )

    @classmethod
    def from_stack(
        cls, name: str, stack: str, args: StackClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> "ExistingCluster":
        """Make the way into the cluster that another stack made with this package, to add teams and workloads to it.

        What is said here is known in a preview, so that quotas and placement are judged; what that stack exports is compared with it,
        and a difference is an error. Pods of other stacks are not seen: leave them their room.

        Args:
            name: Name of the component.
            stack: Name of the other stack ("organization/kubeml/dev-eks"); it exports `cluster_contract` and `kubeconfig`.
            args: What is said of the cluster.
            opts: Options of the component.
        """
        return cls(name, args, opts, stack=stack)

    def workload_identity(
        self,
        name: str,
        *,
        namespace: str,
        service_account: str,
        policy: Policy,  # noqa: ARG002 (of the contract)
        opts: pulumi.ResourceOptions | None = None,  # noqa: ARG002
    ) -> WorkloadIdentity:
        """Refuse, with the reason: the permissions of a cloud are given where the cluster is made."""
        raise InvalidArgs([Problem("", f'{name} for "{namespace}/{service_account}": {self.lacks["identity"]}')])

    def _of_kubeconfig(self, name: str, args: ExistingClusterArgs, kubeconfig: pulumi.Input[str] | None) -> None:
        self.kind, self.cloud = "existing", LOCAL
        self.built_in = frozenset(args.built_in)
        self.lacks = check.lacks(args)
        self.unsigned_kubelets = args.unsigned_kubelets
        self.storage = check.storage(args)
        self.system = self.node_pools[0].placement() if self.node_pools else Placement({}, [], {}, {})
        self.cluster_name = pulumi.Output.from_input(args.cluster_name or args.context or name)
        self.region = self.network_id = pulumi.Output.from_input("")
        reached: dict[str, Any] = {KUBECONFIG: args.kubeconfig_file} if args.kubeconfig_file else {}
        self.endpoint = pulumi.Output.from_input("")
        if kubeconfig is not None:
            secret = pulumi.Output.secret(kubeconfig)
            self.endpoint = pulumi.Output.unsecret(secret.apply(lambda text: server(text, args.context)))
            reached = {KUBECONFIG: secret, "cluster_identifier": self.endpoint}
        self.kubeconfig = pulumi.Output.secret(reached.get(KUBECONFIG, ""))
        self._enter(name, context=args.context, **reached)

    def _of_stack(self, name: str, args: StackClusterArgs, stack: str) -> None:
        self.kind, self.cloud = args.kind, check.CLOUDS[args.kind]
        self.storage = dict(args.storage_classes)
        self.system = Placement({POOL_LABEL: SYSTEM_POOL}, [SYSTEM_TAINT.toleration()], {}, {})
        self.lacks = {
            "identity": f'the permissions of {args.kind} are given by stack "{stack}", which made the cluster; '
            "give them there, to a service account of this name"
        }
        own = getattr(import_module(f"pulumi_kubeml.clusters.{args.kind}.check"), _BUILT_IN[args.kind])
        installed = _standard(self) if args.installed is None else tuple(args.installed)
        self.built_in = frozenset({*own, *installed})
        reference = pulumi.StackReference(f"{name}-stack", stack, pulumi.ResourceOptions(parent=self))
        told = reference.get_output(OUTPUT).apply(
            lambda given: compared(given, args, self.node_pools, installed=installed, stack=stack)
        )
        self.cluster_name, self.endpoint, self.region, self.network_id = (
            told.apply(lambda given, key=key: str(given[key])) for key in ("name", "endpoint", "region", "network")
        )
        # Nothing goes into a cluster before it is known to be the one that is spoken of.
        found = pulumi.Output.all(told, reference.get_output(KUBECONFIG)).apply(lambda both: both[1])
        self.kubeconfig = pulumi.Output.secret(found)
        self._enter(name, kubeconfig=self.kubeconfig, cluster_identifier=self.endpoint)

    def _enter(self, name: str, **reached: Any) -> None:
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self),
            **reached,
        )


def _standard(cluster: ExistingCluster) -> tuple[str, ...]:
    """Make the add-ons that a platform installs on such a cluster unless it is told otherwise."""
    from pulumi_kubeml.addons.standard import STANDARD

    there = [each for each in STANDARD if not each.clouds or cluster.cloud in each.clouds]
    return tuple(each.name for each in there if each.wanted(cluster))
