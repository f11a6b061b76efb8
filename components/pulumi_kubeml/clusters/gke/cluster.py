"""`GkeCluster`: network, control plane, node pools and storage of one GKE cluster."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.clusters.contract import Cluster, Policy, WorkloadIdentity
from pulumi_kubeml.clusters.gke import check
from pulumi_kubeml.clusters.gke.access import grant_admins
from pulumi_kubeml.clusters.gke.args import GkeClusterArgs
from pulumi_kubeml.clusters.gke.control_plane import control_plane
from pulumi_kubeml.clusters.gke.encryption import ClusterKey, cluster_key
from pulumi_kubeml.clusters.gke.fabric import FabricNetworks, FabricNetworksArgs, offer_rails
from pulumi_kubeml.clusters.gke.identity import federated, node_account
from pulumi_kubeml.clusters.gke.kubeconfig import kubeconfig
from pulumi_kubeml.clusters.gke.network import Network, NetworkArgs, Places, existing
from pulumi_kubeml.clusters.gke.node_pools import NodePools, NodePoolsArgs
from pulumi_kubeml.clusters.gke.place import locate
from pulumi_kubeml.clusters.gke.private_services import reach_private_services
from pulumi_kubeml.clusters.gke.volumes import block, shared
from pulumi_kubeml.clusters.providers import invoke_options
from pulumi_kubeml.storage import StorageClasses, StorageClassesArgs


class GkeCluster(Cluster):
    """A managed Kubernetes cluster on Google Cloud, with node pools and storage classes.

    Costs: the control plane, the NAT gateway, one key, and the nodes of every pool. Exposes: the API, to the blocks of
    `endpoint_access` and to nobody else. Raises InvalidArgs, with everything that is wrong, before it registers anything.

    Example:
        ```python
        import pulumi
        from pulumi_kubeml import GkeCluster, GkeClusterArgs, NodePoolSpec

        cluster = GkeCluster("ml", GkeClusterArgs(
            kubernetes_version="1.35",
            endpoint_access=["203.0.113.0/24"],
            node_pools=[
                NodePoolSpec("general", machine="n2-standard-8", min=2, max=10),
                NodePoolSpec("serve", accelerator="l4", purpose="serving", max=24),
            ],
        ))
        pulumi.export("kubeconfig", cluster.kubeconfig)
        ```
    """

    kind = "gke"
    cloud = "gcp"
    built_in = frozenset(check.BUILT_IN)

    zones: tuple[str, ...]

    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check.check(name, args)
        place = locate(args, invoke_options("gcp", opts))
        self.zones = place.zones
        self.node_pools = check.resolve_pools(args, self.zones, place.project)
        super().__init__("kubeml:index:GkeCluster", name, None, opts)
        self._place = place
        self.kubernetes_version = args.kubernetes_version
        self.environment = args.environment
        self.tags = check.tags(args)
        self.system = self.node_pools[0].placement()
        self.region = pulumi.Output.from_input(place.region)
        child = pulumi.ResourceOptions(parent=self)
        physical = check.cluster_name(name, pulumi.get_stack(), args)
        account, permitted = node_account(f"{name}-nodes", cluster_name=physical, place=place, opts=child)
        network = self._network(name, args, account.email)
        key = cluster_key(name, place=place, protect=args.environment == "prod", labels=self.tags, opts=child)
        self._cluster = control_plane(
            name,
            args,
            cluster_name=physical,
            place=place,
            network=network,
            key=key,
            nodes=account.email,
            labels=self.tags,
            parent=self,
        )
        self.cluster_name = self._cluster.name
        self.endpoint = self._cluster.endpoint.apply(lambda address: f"https://{address}")
        self._enter(name, args)
        fabric = self._fabric(name, args, account.email)
        self._run(name, account.email, fabric, [*network.egress, *permitted], key)
        self._store(name, args, key)
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "endpoint": self.endpoint,
                "kubeconfig": self.kubeconfig,
                "networkId": self.network_id,
            }
        )

    def workload_identity(
        self,
        name: str,
        *,
        namespace: str,
        service_account: str,
        policy: Policy,
        opts: pulumi.ResourceOptions | None = None,
    ) -> WorkloadIdentity:
        """Give one service account these roles, by Workload Identity Federation; it needs no annotation."""
        return federated(
            name,
            place=self._place,
            namespace=namespace,
            service_account=service_account,
            policy=policy,
            # A project has a pool of such identities from its first cluster on.
            opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self, depends_on=[self._cluster]), opts),
        )

    def _network(self, name: str, args: GkeClusterArgs, nodes: pulumi.Input[str]) -> Places:
        child = pulumi.ResourceOptions(parent=self)
        if args.network is not None:
            places = existing(
                name,
                args.network,
                project=self._place.project,
                control_plane_cidr=args.control_plane_cidr,
                nodes=nodes,
                opts=child,
            )
            self.network_id = places.network_id
            return places
        network = Network(
            name,
            NetworkArgs(
                region=self._place.region,
                node_cidr=args.node_cidr,
                pod_cidr=args.pod_cidr,
                service_cidr=args.service_cidr,
                control_plane_cidr=args.control_plane_cidr,
                nodes=nodes,
            ),
            child,
        )
        self.network_id = network.places.network_id
        if not args.lustre:
            return network.places
        services = reach_private_services(name, network_id=self.network_id, nodes=nodes, labels=self.tags, opts=child)
        return network.places._replace(egress=[*network.places.egress, *services])

    def _enter(self, name: str, args: GkeClusterArgs) -> None:
        self.kubeconfig = kubeconfig(self._cluster, args.kubernetes_version)
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=self.kubeconfig,
            cluster_identifier=self._cluster.endpoint,  # the name is the same for another cluster of this name
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        grant_admins(name, args.admins, place=self._place, provider=self.provider, cluster=self._cluster, parent=self)

    def _fabric(self, name: str, args: GkeClusterArgs, nodes: pulumi.Input[str]) -> FabricNetworks | None:
        if not any(pool.fabric and pool.fabric.extra_networks for pool in self.node_pools):
            return None
        return FabricNetworks(
            f"{name}-fabric",
            FabricNetworksArgs(pools=self.node_pools, place=self._place, cidr=args.fabric_cidr, nodes=nodes),
            pulumi.ResourceOptions(parent=self),
        )

    def _run(
        self,
        name: str,
        nodes: pulumi.Input[str],
        fabric: FabricNetworks | None,
        after: Sequence[pulumi.Resource],
        key: ClusterKey,
    ) -> None:
        made = {
            pool.name: NodePools(
                f"{name}-{pool.name}",
                NodePoolsArgs(
                    pool=pool,
                    cluster=self._cluster,
                    region=self._place.region,
                    nodes=nodes,
                    disk_key=key.key.id,
                    rails=fabric.of(pool) if fabric else (),
                    after=[*after, key.grants["disks"]],
                    labels=self.tags,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            for pool in self.node_pools
        }
        self.nodes = {pool: each.groups for pool, each in made.items()}
        # The cluster has its own network for pods, names and drivers; they run as soon as there is a node for them.
        self.ready = list(self.nodes[self.node_pools[0].name])
        if fabric is not None:
            self.ready += offer_rails(
                name, fabric, provider=self.provider, cluster=self._cluster, after=self.ready, parent=self
            )

    def _store(self, name: str, args: GkeClusterArgs, key: ClusterKey) -> None:
        storage = StorageClasses(
            name,
            StorageClassesArgs(
                classes=[
                    block(key, labels=self.tags, after=self.ready),
                    shared(key, kind=args.shared_files, network_id=self.network_id, labels=self.tags, after=self.ready),
                ],
                keep_volumes=args.environment == "prod",
                cluster=self._cluster,
            ),
            pulumi.ResourceOptions(parent=self, providers=[self.provider]),
        )
        self.storage = storage.names
        self.storage_classes = storage.classes
