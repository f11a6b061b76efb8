"""Service agents: the accounts with which Google's services act in a project, and what they must be allowed before a key is used."""

from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from .behaviours import checks
from .case import Case, last
from .tables import by_token

KEY = "gcp:kms/cryptoKey:CryptoKey"
ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
GRANTS = {
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "cryptoKeyId",
    "gcp:kms/cryptoKeyIAMBinding:CryptoKeyIAMBinding": "cryptoKeyId",
    "gcp:kms/keyRingIAMMember:KeyRingIAMMember": "keyRingId",
    "gcp:projects/iAMMember:IAMMember": "",
    "gcp:projects/iAMBinding:IAMBinding": "",
}


def agent(name: str, number: str) -> str:
    """The address of a service agent in the project of that number.

    >>> agent("container-engine-robot", "123456789012")
    'service-123456789012@container-engine-robot.iam.gserviceaccount.com'
    """
    return f"service-{number}@{name}.iam.gserviceaccount.com"


@checks(*by_token("agents.tsv"))
def the_agent_may_use_the_key(case: Case) -> Iterator[Failure]:
    """A service uses a key with its own account, which must be allowed to; a key outside the stack cannot be judged."""
    for row in by_token("agents.tsv")[case.token]:
        for path, value in case.each(row["property"]):
            key = next((k for spelling in case.spellings(value) if (k := case.world.find(KEY, id=spelling))), None)
            if key is None:
                continue
            address = agent(row["agent"], case.number)
            if not any(_allows(grant, scope, key, address) for grant, scope in _grants(case)):
                why = f"googleapi: Error 400: Cloud KMS: {address} has no permission to use the key"
                allowed = f"a key on which a CryptoKeyIAMMember made before gives that account {ROLE}"
                yield Failure(path, value, allowed, why)


def _grants(case: Case) -> Iterator[tuple[Existing, str]]:
    for token, scope in GRANTS.items():
        for grant in case.world.all(token):
            yield grant, scope


def _allows(grant: Existing, scope: str, key: Existing, address: str) -> bool:
    on = grant[scope] if scope else None
    there = not scope or UNKNOWN in (on, key.id) or on in (key.id, key["keyRing"]) or last(on) == last(key["keyRing"])
    members: list[Any] = [grant["member"]] if grant["member"] is not None else list(grant["members"] or ())
    named = UNKNOWN in members or f"serviceAccount:{address}" in members
    return there and named and grant["role"] in (ROLE, UNKNOWN)
