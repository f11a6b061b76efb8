"""What AKS asks of a cluster's identity before it makes anything."""

import pytest

RG = {"resourceGroupName": "rg"}
OPERATOR = "/providers/Microsoft.Authorization/roleDefinitions/f1a07417-d97a-45cb-824c-7a7467783830"


@pytest.fixture
def kubelet(account, site):
    return account.create("identity", "nodes", RG | {"resourceName": "nodes"})


def with_identity_of_nodes(wanted, kubelet):
    out = kubelet.out
    profile = {"resourceId": kubelet.id, "clientId": out["clientId"], "objectId": out["principalId"]}
    return wanted | {"identityProfile": {"kubeletidentity": profile}}


def allow(account, site, scope):
    return account.create(
        "assignment",
        f"at-{scope.rsplit('/', 1)[-1]}",
        {"scope": scope, "principalId": site.identity.out["principalId"], "roleDefinitionId": OPERATOR},
    )


def test_a_cluster_that_comes_before_its_permission_fails_as_in_the_cloud(account, aborted, site, wanted, kubelet):
    inputs = with_identity_of_nodes(wanted, kubelet)
    assert account.failures("cluster", "ml", inputs) == {}, "a preview cannot know"
    with pytest.raises(aborted, match="CustomKubeletIdentityMissingPermissionError"):
        account.create("cluster", "ml", inputs)
    allow(account, site, kubelet.id)
    assert account.create("cluster", "ml", inputs).out["identityProfile"]["kubeletidentity"]["resourceId"] == kubelet.id


def test_a_role_at_the_group_is_one_at_what_is_inside(account, site, wanted, kubelet):
    allow(account, site, site.group.id)
    account.create("cluster", "ml", with_identity_of_nodes(wanted, kubelet))


def test_a_role_of_somebody_else_or_somewhere_else_is_none(account, aborted, site, wanted, kubelet):
    allow(account, site, site.network.id)
    other = {"scope": kubelet.id, "principalId": kubelet.out["principalId"], "roleDefinitionId": OPERATOR}
    account.create("assignment", "other", other)
    with pytest.raises(aborted, match="CustomKubeletIdentityMissingPermissionError"):
        account.create("cluster", "ml", with_identity_of_nodes(wanted, kubelet))


def test_a_zone_of_ones_own_needs_a_role_at_it(account, aborted, site, wanted):
    zone = account.create(
        "zone", "api", RG | {"privateZoneName": "privatelink.westeurope.azmk8s.io", "location": "global"}
    )
    inputs = wanted | {"apiServerAccessProfile": {"enablePrivateCluster": True, "privateDNSZone": zone.id}}
    with pytest.raises(aborted, match="CustomPrivateDNSZoneMissingPermissionError"):
        account.create("cluster", "ml", inputs)
    allow(account, site, zone.id)
    account.create("cluster", "ml", inputs)


def test_a_pool_joins_a_group_of_reserved_capacity_only_with_a_role_at_it(account, aborted, site, cluster, nodes):
    reserved = account.create("reserved", "h100", RG | {"zones": ["1"]})
    inputs = nodes | {"capacityReservationGroupID": reserved.id}
    with pytest.raises(aborted, match="no role at the capacity reservation group"):
        account.create("pool", "train", inputs)
    allow(account, site, reserved.id)
    account.create("pool", "train", inputs)
