"""Where a cluster is: subscription and tenant, asked of the provider that makes the cluster."""

from dataclasses import dataclass
from functools import cache

import pulumi
from pulumi_azure_native import authorization

from pulumi_kubeml.catalog.rows import read


@dataclass(frozen=True)
class Account:
    """One subscription of one tenant."""

    subscription: pulumi.Output[str]
    tenant: pulumi.Output[str]

    def role(self, name: str) -> pulumi.Output[str]:
        """Make the id of a role: of its name, where the catalog has that, else of its own id."""
        return pulumi.Output.concat(
            "/subscriptions/",
            self.subscription,
            "/providers/Microsoft.Authorization/roleDefinitions/",
            roles().get(name, name),
        )


def account(parent: pulumi.Resource) -> Account:
    """Ask; the answers are known in a preview too."""
    client = authorization.get_client_config_output(opts=pulumi.InvokeOutputOptions(parent=parent))
    return Account(subscription=client.subscription_id, tenant=client.tenant_id)


@cache
def roles() -> dict[str, str]:
    """Make the ids of roles that Azure keeps, by name.

    >>> roles()["Reader"]
    'acdd72a7-3385-48ef-bd42-f606fba81ae7'
    """
    return {row["role"]: row["id"] for row in read("azure_roles")}
