"""The functions of the SDK that are simulated; every other one is refused by name."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from kubeml_simulator.provider import Refused, secret

from .case import Case, digest
from .policy_document import document
from .regions import regions, zone_id, zones

Args = Mapping[str, Any]
DNS = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
ASSUMED = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/(.+)")
PUBLIC_IMAGE = re.compile(r"/aws/service/.+/image_id")


def _region(args: Args, case: Case) -> dict[str, Any]:
    name = args.get("region") or args.get("name") or case.region
    if name not in regions():
        raise Refused(f"getRegion: {name!r} is no region; regions are {', '.join(regions())}")
    return {"id": name, "name": name, "region": name, "endpoint": f"ec2.{name}.amazonaws.com", "description": name}


def _identity(_: Args, case: Case) -> dict[str, Any]:
    arn = f"arn:{case.partition}:iam::{case.account}:user/simulator"
    return {
        "accountId": case.account,
        "arn": arn,
        "id": case.account,
        "userId": f"AIDA{digest('simulator', 17).upper()}",
    }


def _session_context(args: Args, case: Case) -> dict[str, Any]:
    """The role that an assumed role stands for; anyone else is their own issuer."""
    assumed = ASSUMED.fullmatch(args["arn"])
    if assumed is None:
        return {
            **args,
            "id": args["arn"],
            "issuerArn": args["arn"],
            "issuerId": "",
            "issuerName": "",
            "sessionName": "",
        }
    partition, account, role, name = assumed.groups()
    return {
        **args,
        "id": args["arn"],
        "issuerArn": f"arn:{partition}:iam::{account}:role/{role}",
        "issuerId": f"AROA{digest(f'{case.account}{role}', 17).upper()}",
        "issuerName": role,
        "sessionName": name,
    }


def _partition(_: Args, case: Case) -> dict[str, Any]:
    suffix = DNS[case.partition]
    return {
        "id": case.partition,
        "partition": case.partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def _zones(args: Args, case: Case) -> dict[str, Any]:
    """The zones of the region in which nothing has to be opted into."""
    region = args.get("region") or case.region
    for given in args.get("filters") or ():
        allowed = {
            "opt-in-status": "opt-in-not-required",
            "zone-type": "availability-zone",
            "region-name": region,
            "state": "available",
        }
        if allowed.get(given["name"]) not in given["values"]:
            raise Refused(f"getAvailabilityZones: the filter {given['name']}={given['values']} is not simulated")
    names = [
        zone
        for zone in zones(region)
        if zone not in (args.get("excludeNames") or ())
        and zone_id(region, zone) not in (args.get("excludeZoneIds") or ())
    ]
    if args.get("state") not in (None, "available"):
        names = []
    return {
        **args,
        "id": region,
        "region": region,
        "names": names,
        "zoneIds": [zone_id(region, zone) for zone in names],
        "groupNames": [region],
    }


def _policy_document(args: Args, _: Case) -> dict[str, Any]:
    made = document(args)
    return {**made, "id": str(int(digest(made["json"], 8), 16))}


def _parameter(args: Args, case: Case) -> dict[str, Any]:
    """The image that a public parameter names; no other parameter exists in the simulated account."""
    name = args["name"]
    if not PUBLIC_IMAGE.fullmatch(name):
        raise Refused(f"ssm.getParameter: ParameterNotFound: {name!r}; only /aws/service/.../image_id is simulated")
    value = f"ami-{digest(f'{case.region}{name}', 17)}"
    arn = f"arn:{case.partition}:ssm:{case.region}::parameter{name}"
    return {
        **args,
        "id": name,
        "arn": arn,
        "type": "String",
        "value": value,
        "insecureValue": value,
        "version": 1,
        "region": case.region,
    }


def _image(args: Args, case: Case) -> dict[str, Any]:
    """An image for every question: its id follows from the filters."""
    image = f"ami-{digest(f'{case.region}{sorted(args.items(), key=str)}', 17)}"
    arn = f"arn:{case.partition}:ec2:{case.region}::image/{image}"
    return {**args, "id": image, "imageId": image, "arn": arn, "region": case.region, "state": "available"}


def _cluster_auth(args: Args, case: Case) -> dict[str, Any]:
    token = f"k8s-aws-v1.{digest(case.region + args['name'], 40)}"
    return {"id": args["name"], "name": args["name"], "region": case.region, "token": secret(token)}


def _addon_version(args: Args, case: Case) -> dict[str, Any]:
    from pulumi_kubeml.catalog.versions import addon_releases

    addon, version = args["addonName"], args["kubernetesVersion"]
    release = addon_releases("eks", version).get(addon)
    if release is None:
        raise Refused(
            f"eks.getAddonVersion: no release of {addon} for Kubernetes {version} is known here; leave addonVersion unset or pin it"
        )
    return {**args, "id": addon, "version": release, "region": case.region}


FUNCTIONS: dict[str, Callable[[Args, Case], dict[str, Any]]] = {
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:iam/getSessionContext:getSessionContext": _session_context,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:ec2/getAmi:getAmi": _image,
    "aws:eks/getClusterAuth:getClusterAuth": _cluster_auth,
    "aws:eks/getAddonVersion:getAddonVersion": _addon_version,
}


def call(token: str, args: Args, case: Case) -> dict[str, Any]:
    """The answer of a function; the case holds the account and the region that it is asked in.

    >>> from kubeml_simulator.provider import World
    >>> call("aws:index/getPartition:getPartition", {}, Case("", "", {}, "us-gov-east-1", World()))["partition"]
    'aws-us-gov'
    """
    function = FUNCTIONS.get(token)
    if function is None:
        raise Refused(f"the function {token} is not simulated; simulated are {', '.join(sorted(FUNCTIONS))}")
    return function(args, case)
