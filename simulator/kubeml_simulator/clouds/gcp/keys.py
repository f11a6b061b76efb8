"""Keys: where they may be used, how long they rest before they are made anew."""

import re
from collections.abc import Iterator

from kubeml_simulator.provider import UNKNOWN, Failure

from .agents import KEY
from .behaviours import checks
from .case import Case
from .clusters import CLUSTER, bad
from .locations import region_of

KEY_PATH = re.compile(r"projects/[^/]+/locations/([^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
LEAST_ROTATION = 86400  # seconds: https://cloud.google.com/kms/docs/key-rotation (2026-09)
# Types whose key must be in their own region, and the property that names it; where the documents say so.
BESIDE = {
    CLUSTER: "databaseEncryption.keyName",  # https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets
    "gcp:filestore/instance:Instance": "kmsKeyName",  # https://cloud.google.com/filestore/docs/cmek
    "gcp:artifactregistry/repository:Repository": "kmsKeyName",  # https://cloud.google.com/artifact-registry/docs/cmek
    "gcp:storage/bucket:Bucket": "encryption.defaultKmsKeyName",  # https://cloud.google.com/storage/docs/encryption/customer-managed-keys
}


@checks(*BESIDE)
def the_key_is_in_the_same_place(case: Case) -> Iterator[Failure]:
    """A key is in the region of what it encrypts."""
    path = BESIDE[case.token]
    for at, value in case.each(path):
        match, where = KEY_PATH.search(str(value)), case.location
        if match and where not in ("", UNKNOWN) and match[1].lower() != region_of(where.lower()):
            why = bad(f"the key is in {match[1]}, the resource in {region_of(where)}")
            yield Failure(at, value, f"a key of a key ring in {region_of(where)}", why)


@checks(KEY)
def rotation_is_for_symmetric_keys(case: Case) -> Iterator[Failure]:
    """A key is made anew once a day at most, and only where it encrypts and decrypts."""
    period, purpose = case.known("rotationPeriod"), case.known("purpose")
    seconds = re.fullmatch(r"(\d+)(?:\.\d+)?s", str(period))
    if seconds and int(seconds[1]) < LEAST_ROTATION:
        yield Failure("rotationPeriod", period, f"{LEAST_ROTATION}s or more", "rotation period must be at least a day")
    if period is not None and purpose not in (None, "ENCRYPT_DECRYPT"):
        why = bad(f"keys of the purpose {purpose} are not rotated automatically")
        yield Failure("rotationPeriod", period, "none", why)
