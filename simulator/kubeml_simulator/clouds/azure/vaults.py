"""Key vaults, keys, and the sets that encrypt disks with them."""

from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure

from . import lookup
from .behaviours import checks, computes, updates
from .case import Case

VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"
SET = "azure-native:compute:DiskEncryptionSet"
PURGE = "properties.enablePurgeProtection"


@checks(VAULT)
def purge_protection_is_never_off(case: Case) -> Iterator[Failure]:
    """Protection against purging is on or not given; off is no value."""
    if case.known(PURGE) is False:
        why = 'BadRequest: the property "enablePurgeProtection" cannot be set to false'
        yield Failure(PURGE, value=False, allowed="true, or nothing", why=why)
    if case.known("properties.enableSoftDelete") is False:
        yield Failure(
            "properties.enableSoftDelete", value=False, allowed="true", why="soft delete cannot be turned off"
        )


@updates(VAULT)
def purge_protection_stays(case: Case) -> Iterator[str]:
    """Protection against purging is irreversible."""
    before = (case.old.get("properties") or {}).get("enablePurgeProtection")
    if before is True and case.known(PURGE) is not True and not case.unknown("properties"):
        yield (
            'BadRequest: The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault '
            "is an irreversible action."
        )


@checks(SET)
def the_vault_keeps_its_keys(case: Case) -> Iterator[Failure]:
    """A vault whose key encrypts disks has soft delete and purge protection, and the key is one of its keys."""
    vault_id, url = case.known("activeKey.sourceVault.id"), case.known("activeKey.keyUrl")
    vault = lookup.find(case, VAULT, vault_id) if vault_id else None
    if vault and vault[PURGE] not in (True, UNKNOWN):
        why = "the vault has no purge protection, so that its key could be lost"
        yield Failure("activeKey.sourceVault.id", vault_id, "a vault with enablePurgeProtection", why)
    uri = vault["properties.vaultUri"] if vault else None
    if uri and url and uri != UNKNOWN and not str(url).startswith(str(uri)):
        yield Failure("activeKey.keyUrl", url, f"a key of {uri}", "the key is not in the vault")


@computes(VAULT)
def vault_address(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The address of a vault, and the settings that it has without being asked."""
    given = state.get("properties")
    if not isinstance(given, dict):
        return {}
    name = case.known("vaultName")
    creating = preview and not case.old
    filled = {
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
    }
    made = {**({} if creating else filled), **given}
    return {
        "properties": {
            **made,
            "vaultUri": UNKNOWN if creating or not name else f"https://{name.lower()}.vault.azure.net/",
        }
    }


@computes(KEY)
def key_facts(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The addresses of a key, and what kind it is; a key that exists stays as it was made."""
    vault, name = case.known("vaultName"), case.known("keyName")
    given = case.inputs.get("properties")
    if (preview and not case.old) or not vault or not name or not isinstance(given, dict):
        return {}
    uri = f"https://{vault.lower()}.vault.azure.net/keys/{name}"
    made: dict[str, Any] = {
        "keyUri": uri,
        "keyUriWithVersion": f"{uri}/{case.digest('version', 32)}",
        "location": case.place,
    }
    for fact in ("kty", "keySize", "curveName", "keyOps"):
        made[fact] = case.old.get(fact) or given.get(fact)
    return {**{k: v for k, v in made.items() if k not in state or state[k] in (None, UNKNOWN)}, "kty": made["kty"]}
