"""What Compute Engine refuses about networks."""

import pytest


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("10.0.8.0/24", "conflicts with 10.0.0.0/20 of"),
        ("10.7.0.0/16", "conflicts with 10.4.0.0/14 of"),
        ("10.99.0.0/30", "a prefix from /4 to /29"),
        ("10.77.0.1/24", "bits beyond its prefix; allowed: 10.77.0.0/24"),
    ],
)
def test_ranges_of_a_network_do_not_overlap(account, network, block, words, refused):
    refused(account, "subnet", {"network": network.id, "ipCidrRange": block}, "ipCidrRange", words)


def test_ranges_of_one_subnetwork_do_not_overlap_and_have_names_of_their_own(account, network):
    more = [{"rangeName": "a", "ipCidrRange": "10.99.0.0/24"}, {"rangeName": "a", "ipCidrRange": "10.98.0.0/24"}]
    inputs = {"network": network.id, "ipCidrRange": "10.99.0.0/16", "secondaryIpRanges": more}
    failures = account.failures("subnet", "x", inputs)
    assert set(failures) == {"secondaryIpRanges[0].ipCidrRange", "secondaryIpRanges[1].rangeName"}


def test_another_network_may_have_the_same_ranges_and_an_auto_mode_network_keeps_its_own(account, network, refused):
    other = account.create("network", "other", {"autoCreateSubnetworks": True})
    assert account.failures("subnet", "x", {"network": other.id, "ipCidrRange": "10.0.0.0/20"}) == {}
    refused(
        account, "subnet", {"network": other.id, "ipCidrRange": "10.200.0.0/20"}, "ipCidrRange", "auto mode network"
    )


def test_a_subnetwork_does_not_overlap_itself(account, network):
    assert account.failures("subnet", "nodes", network.subnet.inputs | {"privateIpGoogleAccess": True}) == {}


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"natIpAllocateOption": "MANUAL_ONLY"}, "natIps", "allocated by hand"),
        ({"natIpAllocateOption": "AUTO_ONLY", "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS"}, "subnetworks", "only listed"),
        ({"subnetworks": [{"name": "@nodes", "sourceIpRangesToNats": ["ALL_IP_RANGES"]}]}, "subnetworks", "every subnetwork"),
    ],
)  # fmt: skip
def test_a_nat_lists_what_it_shall_not_choose(account, network, more, path, words, refused):
    router = account.create("router", "out", {"network": network.id, "region": "us-central1"})
    base = {"router": router.out["name"], "region": "us-central1", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}  # fmt: skip
    more = {
        key: [{**value[0], "name": network.subnet.id}] if key == "subnetworks" else value for key, value in more.items()
    }
    refused(account, "nat", base | more, path, words)


def test_a_router_has_one_gateway_for_all_subnetworks(account, network, refused):
    router = account.create("router", "out", {"network": network.id, "region": "us-central1"})
    base = {"router": router.out["name"], "region": "us-central1", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}  # fmt: skip
    account.create("nat", "first", base)
    refused(account, "nat", base, "sourceSubnetworkIpRangesToNat", account.urn("nat", "first"), "second")


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"allows": [{"protocol": "tcp"}]}, "sourceRanges"),
        ({"sourceRanges": ["10.0.0.0/8"]}, "allows"),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp"}], "direction": "EGRESS"}, "sourceRanges"),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp", "ports": ["http"]}]}, "allows[0].ports[0]"),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp"}], "priority": 70000}, "priority"),
        (
            {
                "sourceTags": ["a"],
                "targetServiceAccounts": ["1-compute@developer.gserviceaccount.com"],
                "allows": [{"protocol": "tcp"}],
            },
            "targetServiceAccounts",
        ),
        (
            {"sourceServiceAccounts": ["lost@ml-dev.iam.gserviceaccount.com"], "allows": [{"protocol": "tcp"}]},
            "sourceServiceAccounts[0]",
        ),
    ],
)
def test_a_firewall_rule_says_from_where_what_and_how_strongly(account, network, rule, path):
    assert list(account.failures("firewall", "x", {"network": network.id, **rule})) == [path]


def test_a_network_is_peered_with_another_one_that_has_other_ranges(account, network, refused):
    link = network.made.out["selfLink"]
    refused(account, "peering", {"network": link, "peerNetwork": link}, "peerNetwork", "cannot be peered with itself")
    other = account.create("network", "other", {"autoCreateSubnetworks": False})
    assert account.failures("peering", "x", {"network": link, "peerNetwork": other.out["selfLink"]}) == {}
    account.create("subnet", "same", {"network": other.id, "ipCidrRange": "10.0.4.0/24"})
    refused(account, "peering", {"network": link, "peerNetwork": other.out["selfLink"]}, "peerNetwork", "overlaps")


def test_services_get_a_range_that_was_kept_for_them_in_the_same_network(account, network, refused):
    service = {"network": network.id, "service": "servicenetworking.googleapis.com"}
    kept = account.create("range", "door", {"addressType": "EXTERNAL"}).out["name"]
    refused(
        account,
        "connection",
        service | {"reservedPeeringRanges": [kept]},
        "reservedPeeringRanges[0]",
        "another purpose",
    )
    other = account.create("network", "other", {})
    inputs = {"purpose": "VPC_PEERING", "addressType": "INTERNAL", "prefixLength": 20, "network": other.id}
    far = account.create("range", "far", inputs).out["name"]
    refused(
        account, "connection", service | {"reservedPeeringRanges": [far]}, "reservedPeeringRanges[0]", "another network"
    )
    clash = inputs | {"network": network.id, "address": "10.4.0.0"}
    refused(account, "range", clash, "address", "conflicts with 10.4.0.0/14")


def test_a_network_that_carries_rdma_is_of_one_zone_with_everything_in_it(account, cluster, pool, refused, changed):
    for profile in ("roce", "us-central1-z-vpc-roce", "us-central1-a-vpc-infiniband"):
        refused(account, "network", {"networkProfile": profile}, "networkProfile", "googleapi: Error 400")
    link = "projects/ml-dev/global/networkProfiles/us-central1-b-vpc-roce"
    rdma = account.create("network", "rdma", {"autoCreateSubnetworks": False, "networkProfile": link})
    subnet = {"network": rdma.id, "ipCidrRange": "192.168.0.0/20"}
    refused(account, "subnet", subnet | {"region": "us-east1"}, "region", "allowed: us-central1")
    rail = account.create("subnet", "rail", subnet | {"region": "us-central1"})
    wide = account.create("cluster", "wide", cluster.made.inputs | {"name": "wide", "enableMultiNetworking": True})
    rails = [{"network": rdma.out["name"], "subnetwork": rail.out["name"]}]
    joined = changed(pool | {"cluster": wide.id}, "networkConfig.additionalNodeNetworkConfigs", rails)
    refused(account, "nodes", joined, "nodeLocations", "carries RDMA in us-central1-b only")
    assert account.failures("nodes", "x", joined | {"nodeLocations": ["us-central1-b"]}) == {}


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"purpose": "REGIONAL_MANAGED_PROXY"}, "role", "the purpose is REGIONAL_MANAGED_PROXY"),
        ({"role": "ACTIVE"}, "role", "only subnetworks for proxies"),
        (
            {
                "purpose": "REGIONAL_MANAGED_PROXY",
                "role": "ACTIVE",
                "secondaryIpRanges": [{"rangeName": "a", "ipCidrRange": "10.98.0.0/24"}],
            },
            "secondaryIpRanges",
            "has no secondary ranges",
        ),
    ],
)
def test_a_subnetwork_for_proxies_has_a_role_and_nothing_else(account, network, refused, more, path, words):
    refused(account, "subnet", {"network": network.id, "ipCidrRange": "10.99.0.0/24", **more}, path, words)


def test_a_nat_that_is_given_addresses_by_the_cloud_lists_none(account, network, refused):
    router = account.create("router", "out", {"network": network.id, "region": "us-central1"})
    address = account.create("address", "door", {"region": "us-central1"})
    inputs = {
        "router": router.out["name"],
        "region": "us-central1",
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        "natIpAllocateOption": "AUTO_ONLY",
        "natIps": [address.out["selfLink"]],
    }
    refused(account, "nat", inputs, "natIps", "allocated by the cloud")
