"""One environment of the reference project; everything it is made of stands in stacks/Pulumi.<stack>.yaml."""

import pulumi

from pulumi_kubeml.clusters.handover import handover
from pulumi_kubeml.stack import build, source

spec = source.load()

# The cluster: network, control plane, node pools, storage classes.
cluster = build.cluster(spec)

# The platform: drivers and metrics of devices, certificates, load balancers, Prometheus, the training operator.
platform = build.platform(spec, cluster)

# The teams: a walled namespace each, with access, quota and defaults.
teams = build.teams(spec, platform)

# What they serve and what they train.
servers = build.serving(spec, teams)
jobs = build.training(spec, teams)

pulumi.export("cluster", cluster.cluster_name)
pulumi.export("endpoint", cluster.endpoint)
pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("pools", {pool.name: f"{pool.min} to {pool.max} x {pool.machine.name}" for pool in cluster.node_pools})
# What another stack needs, to add teams to this cluster (ExistingCluster.from_stack).
pulumi.export("cluster_contract", handover(cluster, platform.installed))
pulumi.export("platform", platform.installed)
pulumi.export("namespaces", {name: team.namespace for name, team in teams.items()})
pulumi.export("models", {name: server.address for name, server in servers.items()})
pulumi.export("jobs", {name: job.job for name, job in jobs.items()})
