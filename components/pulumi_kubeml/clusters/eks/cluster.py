"""`EksCluster`: network, control plane, node pools, add-ons and storage of one EKS cluster."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from pulumi_kubeml import catalog
from pulumi_kubeml.clusters.contract import Cluster, Policy, WorkloadIdentity
from pulumi_kubeml.clusters.eks import check
from pulumi_kubeml.clusters.eks.access import grant_admins
from pulumi_kubeml.clusters.eks.account import Account, account
from pulumi_kubeml.clusters.eks.addons import AddonMaker, after_nodes, asked_for, before_nodes
from pulumi_kubeml.clusters.eks.args import EksClusterArgs
from pulumi_kubeml.clusters.eks.control_plane import control_plane, log_group_name
from pulumi_kubeml.clusters.eks.encryption import cluster_key
from pulumi_kubeml.clusters.eks.fabric import fabric_group
from pulumi_kubeml.clusters.eks.files import shared_files
from pulumi_kubeml.clusters.eks.identity import oidc_provider, pod_identity
from pulumi_kubeml.clusters.eks.kubeconfig import kubeconfig
from pulumi_kubeml.clusters.eks.launch_template import Surroundings
from pulumi_kubeml.clusters.eks.network import Network, NetworkArgs, Places, existing, first_zones
from pulumi_kubeml.clusters.eks.node_groups import NodeGroups, NodeGroupsArgs, node_role
from pulumi_kubeml.clusters.providers import invoke_options
from pulumi_kubeml.storage import StorageClasses, StorageClassesArgs, StorageClassSpec


class EksCluster(Cluster):
    """A managed Kubernetes cluster on AWS, with node pools, add-ons and storage classes.

    Costs: the control plane, the NAT gateways, one key, and the nodes of every pool. Exposes: the API, to the blocks of
    `endpoint_access` and to nobody else. Raises InvalidArgs, with everything that is wrong, before it registers anything.

    Example:
        ```python
        import pulumi
        from pulumi_kubeml import EksCluster, EksClusterArgs, NodePoolSpec

        cluster = EksCluster("ml", EksClusterArgs(
            kubernetes_version="1.35",
            endpoint_access=["203.0.113.0/24"],
            node_pools=[
                NodePoolSpec("general", machine="m7i.2xlarge", min=2, max=10),
                NodePoolSpec("serve", accelerator="l4", purpose="serving", max=24),
            ],
        ))
        pulumi.export("kubeconfig", cluster.kubeconfig)
        ```
    """

    kind = "eks"
    cloud = "aws"
    built_in = frozenset(check.ADDONS)

    oidc_provider_arn: pulumi.Output[str]
    """For IAM roles of service accounts that cannot use Pod Identity."""
    zones: tuple[str, ...]

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check.check(name, args)
        self.zones = check.zones(args) or tuple(first_zones(invoke_options("aws", opts)))
        self.node_pools = check.resolve_pools(args, self.zones)
        super().__init__("kubeml:index:EksCluster", name, None, opts)
        self.kubernetes_version = args.kubernetes_version
        self.environment = args.environment
        self.tags = check.tags(args)
        self.system = self.node_pools[0].placement()
        where = account(self)
        self.region = where.region
        physical = check.cluster_name(name, pulumi.get_stack(), args)
        self._arn = where.cluster_arn(physical)
        network = self._network(name, args, where)
        key = cluster_key(
            name,
            cluster_name=physical,
            account=where,
            log_group_name=log_group_name(physical),
            tags=self.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._key = key
        self._cluster, nodes_group = control_plane(
            name,
            args,
            cluster_name=physical,
            account=where,
            subnet_ids=list(network.private_subnet_ids.values()),
            key=key,
            tags=self.tags,
            parent=self,
        )
        self.cluster_name = self._cluster.name
        self.endpoint = self._cluster.endpoint
        oidc = oidc_provider(name, self._cluster, self.tags, pulumi.ResourceOptions(parent=self))
        self.oidc_provider_arn = oidc.arn
        self._enter(name, args, where)
        around, open_to_itself = self._around(name, args, network, nodes_group)
        self._run(name, args, where, around, [*network.egress, *open_to_itself])
        self._store(name, args, network, nodes_group, key)
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "endpoint": self.endpoint,
                "kubeconfig": self.kubeconfig,
                "oidcProviderArn": self.oidc_provider_arn,
                "vpcId": self.network_id,
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
        """Give one service account a role with these statements, by EKS Pod Identity; it needs no annotation."""
        return pod_identity(
            name,
            cluster=self._cluster,
            cluster_arn=self._arn,
            namespace=namespace,
            service_account=service_account,
            policy=policy,
            tags=self.tags,
            opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), opts),
        )

    def _network(self, name: str, args: EksClusterArgs, where: Account) -> Places:
        if args.vpc is not None:
            places = existing(args.vpc)
        else:
            private = not args.endpoint_access
            network = NetworkArgs(
                cidr=args.vpc_cidr,
                zones=self.zones,
                nat_gateways=args.nat_gateways,
                endpoints=private if args.vpc_endpoints is None else args.vpc_endpoints,
                region=where.region,
                addons=check.addons(args),
                tags=self.tags,
            )
            places = Network(name, network, pulumi.ResourceOptions(parent=self)).places
        self.network_id = places.vpc_id
        return places

    def _enter(self, name: str, args: EksClusterArgs, where: Account) -> None:
        admitted = grant_admins(name, args.admins, cluster=self._cluster, account=where, tags=self.tags, parent=self)
        self.kubeconfig = kubeconfig(self._cluster, where.region)
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=self.kubeconfig,
            cluster_identifier=self._cluster.endpoint,  # the ARN is the same for another cluster of this name
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=admitted),
        )

    def _run(
        self,
        name: str,
        args: EksClusterArgs,
        where: Account,
        around: Surroundings,
        after: Sequence[pulumi.Resource],
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        releases = {**catalog.addon_releases("eks", args.kubernetes_version), **args.addon_releases}
        maker = AddonMaker(
            name=name,
            cluster=self._cluster,
            cluster_arn=self._arn,
            account=where,
            releases=releases,
            tags=self.tags,
            parent=self,
        )
        first = {spec.name: maker.make(spec) for spec in before_nodes()}
        role, permitted = node_role(f"{name}-nodes", where, self.tags, child)
        groups = {
            pool.name: NodeGroups(
                f"{name}-{pool.name}",
                NodeGroupsArgs(
                    pool=pool,
                    around=around,
                    kubernetes_version=args.kubernetes_version,
                    image_release=args.image_release,
                    role_arn=role.arn,
                    after=[*after, *permitted, *first.values()],
                    tags=self.tags,
                ),
                child,
            )
            for pool in self.node_pools
        }
        self.nodes = {pool: made.groups for pool, made in groups.items()}
        system = self.nodes[self.node_pools[0].name]
        later = [*after_nodes(self.system, self._key.arn), *asked_for(args, self.system, where)]
        self._addons = {**first, **{spec.name: maker.make(spec, after=system) for spec in later}}
        self.ready = [*system, self._addons["vpc-cni"], self._addons["coredns"]]

    def _around(
        self, name: str, args: EksClusterArgs, network: Places, nodes_group: pulumi.Input[str]
    ) -> tuple[Surroundings, list[pulumi.Resource]]:
        """Make what the launch templates name, and the rules without which a fabric is silently none."""
        fabric: aws.ec2.SecurityGroup | None = None
        rules: list[pulumi.Resource] = []
        if any(pool.fabric for pool in self.node_pools):
            fabric, rules = fabric_group(f"{name}-fabric", vpc_id=network.vpc_id, tags=self.tags, parent=self)
        around = Surroundings(
            cluster=self._cluster,
            cluster_group_id=nodes_group,
            fabric_group_id=fabric.id if fabric else None,
            subnet_ids=network.private_subnet_ids,
            placement_groups={key: known.placement_group for key, known in args.reservations.items()},
        )
        return around, rules

    def _store(
        self, name: str, args: EksClusterArgs, network: Places, nodes_group: pulumi.Input[str], key: aws.kms.Key
    ) -> None:
        keep = args.environment == "prod"
        files = shared_files(
            f"{name}-files",
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            nodes=nodes_group,
            key=key,
            protect=keep,
            tags=self.tags,
            parent=self,
        )
        # EKS leaves a class gp2 behind, which is not the default since 1.30
        # (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-extended.html).
        block = StorageClassSpec(
            purpose="block",
            provisioner="ebs.csi.aws.com",
            parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": key.arn},
            binding="WaitForFirstConsumer",
            expandable=True,
            default=True,
            after=[self._addons["aws-ebs-csi-driver"]],
        )
        shared = StorageClassSpec(
            purpose="shared",
            provisioner="efs.csi.aws.com",
            parameters={"provisioningMode": "efs-ap", "fileSystemId": files.file_system.id, "directoryPerms": "700"},
            binding="Immediate",
            expandable=False,
            after=[self._addons["aws-efs-csi-driver"], *files.mount_targets],
        )
        storage = StorageClasses(
            name,
            StorageClassesArgs(classes=[block, shared], keep_volumes=keep, cluster=self._cluster),
            pulumi.ResourceOptions(parent=self, providers=[self.provider]),
        )
        self.storage = storage.names
        self.storage_classes = storage.classes
