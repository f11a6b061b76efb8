"""What networks of the simulated Azure refuse, and what they fill in: subnets, ways out, rules, endpoints, zones."""

import pytest

ROLE = "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7"
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
RG = {"resourceGroupName": "rg"}
STANDARD = {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"}
INSIDE = RG | {"virtualNetworkName": "net"}


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"addressPrefix": "10.2.0.0/20"}, "addressPrefix", "NetcfgInvalidSubnet: its range is outside the range of net; allowed: a block in 10.1.0.0/16"),
        ({"addressPrefix": "10.1.8.0/22"}, "addressPrefix", "NetcfgSubnetRangesOverlap: its range overlaps with that of the subnet nodes"),
        ({"addressPrefix": "10.1.32.0/30"}, "addressPrefix", "the smallest IPv4 subnet is a /29"),
        ({"addressPrefix": "10.1.32.1/24"}, "addressPrefix", "the address has bits beyond its prefix; allowed: 10.1.32.0/24"),
        ({"addressPrefix": "ten"}, "addressPrefix", "InvalidCIDRNotation"),
        ({}, "addressPrefix", "a subnet has an address block"),
        ({"addressPrefix": "10.1.32.0/24", "natGateway": {"id": "nat"}}, "natGateway.id", "LinkedInvalidPropertyId"),
    ],
)  # fmt: skip
def test_a_subnet_lies_in_its_network_and_beside_the_others(account, site, inputs, path, words):
    account.only("subnet", INSIDE | {"subnetName": "x"} | inputs, path, words)


def test_a_subnet_does_not_overlap_itself(account, site):
    policies = {"privateEndpointNetworkPolicies": "Enabled"}
    assert account.failures("subnet", "nodes", site.subnet.inputs | policies) == {}


def test_subnets_written_into_a_network_are_subnets_too(account, site, wanted):
    written = [{"name": "a", "addressPrefix": "10.8.0.0/20"}, {"name": "b", "addressPrefix": "10.8.16.0/20"}]
    inputs = RG | {"virtualNetworkName": "written", "addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}
    made = account.create("network", "written", inputs | {"subnets": written})
    subnet = made.out["subnets"][0]["id"]
    assert subnet == f"{made.id}/subnets/a"
    system = wanted["agentPoolProfiles"][0]
    assert account.failures("cluster", "ml", wanted | {"agentPoolProfiles": [system | {"vnetSubnetID": subnet}]}) == {}
    missing = f"{made.id}/subnets/c"
    failures = account.failures("cluster", "ml", wanted | {"agentPoolProfiles": [system | {"vnetSubnetID": missing}]})
    assert "InvalidResourceReference" in failures["agentPoolProfiles[0].vnetSubnetID"]
    clash = [*written, {"name": "c", "addressPrefix": "10.8.8.0/24"}]
    account.only(
        "network",
        inputs | {"virtualNetworkName": "y", "subnets": clash},
        "subnets[2].addressPrefix",
        "overlaps with 10.8.0.0/20",
    )
    beside = RG | {"virtualNetworkName": "written", "addressPrefix": "10.8.0.0/24"}
    account.only("subnet", beside, "addressPrefix", "overlaps with that of the subnet a")


def test_a_way_out_has_standard_addresses(account, site):
    account.only("address", RG | {"sku": {"name": "Standard"}}, "publicIPAllocationMethod", "allocated statically")
    basic = account.create("address", "basic", RG | {"sku": {"name": "Basic"}})
    gateway = RG | {"sku": {"name": "Standard"}, "publicIpAddresses": [{"id": basic.id}]}
    account.only("nat", gateway, "publicIpAddresses[0].id", "takes standard addresses")
    account.only(
        "nat",
        RG | {"zones": ["7"], "sku": {"name": "Standard"}},
        "zones[0]",
        "LocationNotSupportAvailabilityZones: westeurope has no such zone",
    )
    out = account.create("address", "out", RG | STANDARD).out
    assert out["ipAddress"].startswith("203.0.113.")


def test_two_rules_do_not_have_one_priority(account, site):
    rule = {"access": "Allow", "direction": "Inbound", "priority": 100, "protocol": "Tcp"}
    rules = RG | {"networkSecurityGroupName": "guard"}
    two = [rule | {"name": "a"}, rule | {"name": "b"}]
    account.only("rules", rules | {"securityRules": two}, "securityRules[1].priority", "SecurityRuleConflict: a has")
    account.create("rules", "guard", rules)
    account.create("rule", "a", rules | rule)
    account.only("rule", rules | rule, "priority", "SecurityRuleConflict")
    assert account.failures("rule", "x", rules | rule | {"direction": "Outbound"}) == {}
    account.only("rule", rules | rule | {"priority": 99}, "priority", "allowed: 100 to 4096")


def test_a_private_endpoint_has_an_interface(account, site, vault):
    connection = {"name": "keys", "privateLinkServiceId": vault.id, "groupIds": ["vault"]}
    door = RG | {"privateEndpointName": "keys", "subnet": {"id": site.subnet.id}}
    made = account.create("door", "keys", door | {"privateLinkServiceConnections": [connection]})
    assert "/networkInterfaces/keys.nic." in made.out["networkInterfaces"][0]["id"]
    account.only("door", door | {"privateEndpointName": "y"}, "privateLinkServiceConnections", "leads to something")


def test_a_delegated_subnet_is_not_for_nodes(account, site, wanted):
    delegation = {"name": "aks", "serviceName": "Microsoft.ContainerService/managedClusters"}
    subnet = account.create("subnet", "api", INSIDE | {"addressPrefix": "10.1.32.0/28", "delegations": [delegation]})
    pools = [wanted["agentPoolProfiles"][0] | {"vnetSubnetID": subnet.id}]
    failures = account.failures("cluster", "ml", wanted | {"agentPoolProfiles": pools})
    assert (
        "SubnetIsDelegated: the subnet is delegated to Microsoft.ContainerService/managedClusters"
        in failures["agentPoolProfiles[0].vnetSubnetID"]
    )


def test_the_block_of_a_subnet_in_use_stays(account, aborted, site, cluster):
    inputs = site.subnet.inputs
    with pytest.raises(
        aborted, match=r"IpPrefix 10.1.0.0/20 on Subnet nodes has active allocations and cannot be deleted"
    ):
        account.update(site.subnet, inputs | {"addressPrefix": "10.1.0.0/19"})
    account.delete(cluster)
    assert account.update(site.subnet, inputs | {"addressPrefix": "10.1.0.0/19"})["addressPrefix"] == "10.1.0.0/19"


def test_blocks_are_blocks(account, site):
    six = RG | {"virtualNetworkName": "six", "addressSpace": {"addressPrefixes": ["10.6.0.0/16", "fd00:6::/48"]}}
    account.create("network", "six", six)
    inside = RG | {"virtualNetworkName": "six"}
    assert account.failures("subnet", "x", inside | {"addressPrefixes": ["10.6.0.0/24", "fd00:6::/64"]}) == {}
    account.only(
        "subnet",
        inside | {"addressPrefixes": ["fd00:6::/80"]},
        "addressPrefixes[0]",
        "an IPv6 subnet is a /64",
    )
    account.only(
        "subnet",
        inside | {"addressPrefix": "10.6.0.0"},
        "addressPrefix",
        "the prefix is missing; allowed: 10.6.0.0/32",
    )
    outside = six | {"virtualNetworkName": "y", "subnets": [{"name": "a", "addressPrefix": "10.7.0.0/24"}]}
    account.only("network", outside, "subnets[0].addressPrefix", "outside the range of the network")
    account.only("nat", RG, "sku.name", "a NAT gateway is of the standard SKU")


def test_an_address_serves_one_gateway(account, site):
    address = account.create("address", "out", RG | STANDARD)
    gateway = RG | {"sku": {"name": "Standard"}, "publicIpAddresses": [{"id": address.id}]}
    made = account.create("nat", "out", gateway)
    account.only(
        "nat",
        gateway,
        "publicIpAddresses[0].id",
        f"PublicIPAddressInUse: it is already allocated to {account.urn('nat', 'out')}",
    )
    assert account.failures("nat", "out", made.inputs | {"idleTimeoutInMinutes": 10}) == {}


def test_a_network_knows_a_zone_once(account, site):
    for name in ("example.com", "example.org"):
        account.create("zone", name, RG | {"privateZoneName": name, "location": "global"})
    link = RG | {"location": "global", "virtualNetwork": {"id": site.network.id}, "registrationEnabled": True}
    account.create("link", "first", link | {"privateZoneName": "example.com"})
    twice = link | {"privateZoneName": "example.com", "registrationEnabled": False}
    account.only("link", twice, "virtualNetwork.id", "multiple zones with overlapping namespaces")
    account.only(
        "link",
        link | {"privateZoneName": "example.org"},
        "registrationEnabled",
        "registers in example.com already",
    )
    assert account.failures("link", "x", link | {"privateZoneName": "example.org", "registrationEnabled": False}) == {}
