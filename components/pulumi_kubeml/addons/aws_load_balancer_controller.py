"""AWS load balancer controller: a network load balancer for each Service that asks for one."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from pulumi_kubeml.addons.contract import Addon, PlatformSpec, on_system
from pulumi_kubeml.clusters.contract import Cluster

NAME = "aws-load-balancer-controller"


def values(cluster: Cluster, spec: PlatformSpec) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the values: region and network are told, since pods cannot ask the instance's metadata service.

    Certificates come from cert-manager (the chart would else draw new ones at each rendering); what its permissions leave
    out (WAF, Shield) is switched off.
    """
    return {
        "clusterName": cluster.cluster_name,
        "region": cluster.region,
        "vpcId": cluster.network_id,
        "serviceAccount": {"create": True, "name": NAME},
        "replicaCount": 2,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "enableCertManager": True,
        "enableServiceMutatorWebhook": False,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        "serviceMonitor": {"enabled": True},
        **on_system(cluster),
    }


def permissions(_cluster: Cluster | None = None) -> Sequence[Mapping[str, Any]]:
    """Make the statements that the controller's identity may use.

    >>> {statement["Effect"] for statement in permissions()}
    {'Allow'}
    """
    text = (files("pulumi_kubeml.addons") / "data" / "aws_load_balancer_controller.json").read_text(encoding="utf-8")
    return json.loads(text)["statements"]


ADDON = Addon(
    name=NAME,
    requires=("cert-manager", "prometheus-operator-crds"),
    clouds=("aws",),
    values=values,
    permissions={"aws": permissions},
    webhook_ports=(9443,),
)
