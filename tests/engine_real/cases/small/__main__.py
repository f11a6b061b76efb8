"""A cluster and what runs in it: two providers, one of them configured with what the other makes, components, secrets, a release."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

config = pulumi.Config()


class Cluster(pulumi.ComponentResource):
    """A network and a cluster in it, with a provider for what runs there."""

    def __init__(self, name, opts=None):
        super().__init__("small:index:Cluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=child)
        subnets = [
            aws.ec2.Subnet(
                f"{name}-{zone}",
                vpc_id=vpc.id,
                cidr_block=f"10.0.{number}.0/24",
                availability_zone=f"us-east-1{zone}",
                opts=child,
            )
            for number, zone in enumerate("ab")
        ]
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}
        role = aws.iam.Role(
            f"{name}-role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}), opts=child
        )
        self.cluster = aws.eks.Cluster(
            name,
            role_arn=role.arn,
            version="1.35",
            vpc_config={"subnet_ids": [subnet.id for subnet in subnets]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )
        self.provider = k8s.Provider(f"{name}-provider", kubeconfig=pulumi.Output.secret(self.kubeconfig()), opts=child)
        self.register_outputs({"endpoint": self.cluster.endpoint})

    def kubeconfig(self):
        """Where the cluster is, and which version it has."""

        def text(endpoint):
            extension = {"name": "kubeml.io/cluster", "extension": {"kubernetesVersion": "1.35"}}
            return json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "it",
                    "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
                    "clusters": [{"name": "it", "cluster": {"server": endpoint, "extensions": [extension]}}],
                    "users": [{"name": "it", "user": {}}],
                }
            )

        return self.cluster.endpoint.apply(text)


cluster = Cluster("main")
inside = pulumi.ResourceOptions(provider=cluster.provider)
namespace = k8s.core.v1.Namespace("research", metadata={"name": "research"}, opts=inside)
there = namespace.metadata["name"]
settings = k8s.core.v1.ConfigMap(
    "settings", metadata={"namespace": there}, data={"size": config.require("size")}, opts=inside
)
token = k8s.core.v1.Secret(
    "token", metadata={"namespace": there, "name": "token"}, string_data={"password": "hunter2"}, opts=inside
)
labels = {"app": "web"}
web = k8s.apps.v1.Deployment(
    "web",
    metadata={"namespace": there, "name": "web"},
    spec={
        "replicas": config.require_int("replicas"),
        "selector": {"match_labels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "example.com/web:1",
                        "env": [{"name": "SETTINGS", "value": settings.metadata["name"]}],
                    }
                ]
            },
        },
    },
    opts=inside,
)
front = k8s.core.v1.Service(
    "web",
    metadata={"namespace": there, "name": "web"},
    spec={"type": "LoadBalancer", "selector": labels, "ports": [{"port": 80}]},
    opts=inside,
)
certificates = k8s.helm.v3.Release(
    "certificates",
    chart="oci://quay.io/jetstack/charts/cert-manager",
    version="v1.21.1",
    namespace="cert-manager",
    create_namespace=True,
    values={"crds": {"enabled": True}},
    opts=inside,
)
k8s.apiextensions.CustomResource(
    "issuer",
    api_version="cert-manager.io/v1",
    kind="ClusterIssuer",
    metadata={"name": "self"},
    spec={"selfSigned": {}},
    opts=pulumi.ResourceOptions(provider=cluster.provider, depends_on=[certificates]),
)
operator = k8s.kustomize.v2.Directory(
    "operator",
    directory="https://github.com/kubeflow/trainer/tree/v1.9.4/manifests/overlays/standalone",
    opts=pulumi.ResourceOptions(providers=[cluster.provider]),
)
k8s.apiextensions.CustomResource(
    "job",
    api_version="kubeflow.org/v1",
    kind="TFJob",
    metadata={"namespace": there, "name": "job"},
    spec={"tfReplicaSpecs": {}},
    opts=pulumi.ResourceOptions(provider=cluster.provider, depends_on=[operator]),
)
pulumi.export("address", front.status.load_balancer.ingress[0].hostname)
pulumi.export("settings", settings.metadata["name"])
pulumi.export("password", token.string_data)
