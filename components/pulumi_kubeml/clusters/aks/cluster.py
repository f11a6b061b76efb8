"""`AksCluster`: network, control plane, node pools and storage of one AKS cluster."""

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_azure_native import resources

from pulumi_kubeml.clusters.aks import check
from pulumi_kubeml.clusters.aks.access import grant, grant_admins
from pulumi_kubeml.clusters.aks.account import Account, account
from pulumi_kubeml.clusters.aks.args import AksClusterArgs
from pulumi_kubeml.clusters.aks.control_plane import ControlPlane, control_plane
from pulumi_kubeml.clusters.aks.encryption import Keys, cluster_keys
from pulumi_kubeml.clusters.aks.files import shared_files
from pulumi_kubeml.clusters.aks.identity import workload_identity
from pulumi_kubeml.clusters.aks.kubeconfig import kubeconfig
from pulumi_kubeml.clusters.aks.locks import lock
from pulumi_kubeml.clusters.aks.logs import control_plane_logs
from pulumi_kubeml.clusters.aks.maintenance import maintenance
from pulumi_kubeml.clusters.aks.network import Network, NetworkArgs
from pulumi_kubeml.clusters.aks.node_pools import NodePools, NodePoolsArgs
from pulumi_kubeml.clusters.contract import Cluster, Policy, WorkloadIdentity
from pulumi_kubeml.names import fit
from pulumi_kubeml.storage import StorageClasses, StorageClassesArgs, StorageClassSpec


class AksCluster(Cluster):
    """A managed Kubernetes cluster on Azure, with node pools and storage classes, in a resource group of its own.

    Costs: the control plane (above tier Free), the NAT gateway, two keys, a private endpoint, logs by volume, and the nodes of every
    pool. Exposes: the API, to the blocks of `endpoint_access` and to nobody else. The subscription needs the feature
    Microsoft.Compute/EncryptionAtHost. Raises InvalidArgs, with everything that is wrong, before it registers anything.

    Example:
        ```python
        import pulumi
        from pulumi_kubeml import AksCluster, AksClusterArgs, NodePoolSpec

        cluster = AksCluster("ml", AksClusterArgs(
            kubernetes_version="1.35",
            endpoint_access=["203.0.113.0/24"],
            admin_groups=["0a1b2c3d-0000-4000-8000-000000000001"],
            node_pools=[
                NodePoolSpec("general", machine="Standard_D8ds_v5", min=2, max=10),
                NodePoolSpec("serve", accelerator="t4", purpose="serving", max=24),
            ],
        ))
        pulumi.export("kubeconfig", cluster.kubeconfig)
        ```
    """

    kind = "aks"
    cloud = "azure"
    built_in = frozenset(check.BUILT_IN)

    resource_group: pulumi.Output[str]
    """Name of the group that everything is in; nodes, disks and load balancers are in one that AKS makes beside it."""
    oidc_issuer: pulumi.Output[str]
    """For federated credentials of one's own."""

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check.check(name, args)
        self.node_pools = check.resolve_pools(args)
        super().__init__("kubeml:index:AksCluster", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self.kubernetes_version = args.kubernetes_version
        self.environment = args.environment
        self.tags = check.tags(args)
        self.system = self.node_pools[0].placement()
        self._account = account(self)
        physical = check.cluster_name(name, pulumi.get_stack(), args)
        group = resources.ResourceGroup(
            name, resource_group_name=fit("azure-resource-group", physical), tags=self.tags, opts=self._child
        )
        self.resource_group = group.name
        self.region = group.location
        network = self._network(name, args)
        keys = cluster_keys(
            name,
            group=self.resource_group,
            account=self._account,
            environment=args.environment,
            tags=self.tags,
            opts=self._child,
        )
        made = control_plane(
            name,
            args,
            cluster_name=physical,
            node_pools=self.node_pools,
            group=self.resource_group,
            account=self._account,
            network=network,
            keys=keys,
            tags=self.tags,
            parent=self,
        )
        self._cluster = made.cluster
        self.cluster_name = made.cluster.name
        self.endpoint = made.endpoint
        self.oidc_issuer = made.issuer
        self._watch(name, args)
        self._enter(name, args, self._account)
        self._run(name, args, network)
        self._store(name, args, network, keys, made)
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "endpoint": self.endpoint,
                "kubeconfig": self.kubeconfig,
                "networkId": self.network_id,
                "oidcIssuer": self.oidc_issuer,
                "resourceGroup": self.resource_group,
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
        """Give one service account roles (`{"role": name or id, "scope": resource id}`), by a federated credential.

        Its pods need the label `azure.workload.identity/use: "true"`, and the service account the annotation that this gives.
        """
        return workload_identity(
            name,
            group=self.resource_group,
            issuer=self.oidc_issuer,
            account=self._account,
            namespace=namespace,
            service_account=service_account,
            policy=policy,
            tags=self.tags,
            opts=pulumi.ResourceOptions.merge(self._child, opts),
        )

    def _network(self, name: str, args: AksClusterArgs) -> Network:
        network = Network(
            name,
            NetworkArgs(
                resource_group=self.resource_group,
                cidr=args.vnet_cidr,
                zones=args.zones,
                outbound_addresses=args.outbound_addresses,
                tags=self.tags,
            ),
            self._child,
        )
        self.network_id = network.network_id
        return network

    def _watch(self, name: str, args: AksClusterArgs) -> None:
        control_plane_logs(
            name,
            self._cluster,
            group=self.resource_group,
            retention_days=args.log_retention_days,
            tags=self.tags,
            opts=self._child,
        )
        maintenance(name, args, self._cluster, group=self.resource_group, opts=self._child)

    def _enter(self, name: str, args: AksClusterArgs, where: Account) -> None:
        admitted = grant_admins(name, args.admin_groups, cluster=self._cluster, account=where, opts=self._child)
        self.kubeconfig = kubeconfig(self._cluster, self.endpoint, self.resource_group, args.kubernetes_version, self)
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=self.kubeconfig,
            cluster_identifier=self._cluster.resource_uid,  # the endpoint changes when the API becomes private
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=admitted),
        )

    def _run(self, name: str, args: AksClusterArgs, network: Network) -> None:
        own, *others = self.node_pools
        groups = {
            pool.name: NodePools(
                f"{name}-{pool.name}",
                NodePoolsArgs(
                    pool=pool,
                    resource_group=self.resource_group,
                    cluster=self._cluster,
                    kubernetes_version=args.kubernetes_version,
                    subnet_id=network.nodes.id,
                    place=args.vnet_cidr,
                    tags=self.tags,
                ),
                self._child,
            )
            for pool in others
        }
        self.nodes = {own.name: [self._cluster], **{pool: made.groups for pool, made in groups.items()}}
        self.ready = [self._cluster]

    def _store(self, name: str, args: AksClusterArgs, network: Network, keys: Keys, made: ControlPlane) -> None:
        keep = args.environment == "prod"
        files = shared_files(
            f"{name}-files",
            group=self.resource_group,
            where=network,
            keys=keys,
            zone_redundant=args.zone_redundant_storage,
            protect=keep,
            tags=self.tags,
            parent=self,
        )
        shares = grant(
            f"{name}-files",
            "Storage Account Contributor",
            account=self._account,
            principal=made.principal,
            scope=files.account.id,
            opts=self._child,
        )
        if keep if args.deletion_protection is None else args.deletion_protection:
            lock(name, {"vault": keys.vault.id, "files": files.account.id}, opts=self._child)
        # AKS has a default class of its own; of two, Kubernetes takes the younger, which is this one
        # (https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass).
        block = StorageClassSpec(
            purpose="block",
            provisioner="disk.csi.azure.com",
            parameters={
                "skuName": "Premium_ZRS" if args.zone_redundant_storage else "Premium_LRS",
                "diskEncryptionSetID": keys.disks.id,
                "networkAccessPolicy": "DenyAll",
                "publicNetworkAccess": "Disabled",
                "tags": ",".join(f"{key}={value}" for key, value in sorted(self.tags.items())),
            },
            binding="WaitForFirstConsumer",
            expandable=True,
            default=True,
            after=self.ready,
        )
        shared = StorageClassSpec(
            purpose="shared",
            provisioner="file.csi.azure.com",
            parameters={
                "protocol": "nfs",
                "encryptInTransit": "true",
                "skuName": files.sku,
                "resourceGroup": self.resource_group,
                "storageAccount": files.account.name,
            },
            binding="Immediate",
            expandable=True,
            after=[*self.ready, shares, *files.ways],
        )
        storage = StorageClasses(
            name,
            StorageClassesArgs(classes=[block, shared], keep_volumes=keep, cluster=self._cluster),
            pulumi.ResourceOptions(parent=self, providers=[self.provider]),
        )
        self.storage = storage.names
        self.storage_classes = storage.classes
