"""Storage: accounts, shares, registries, and file systems for Lustre."""

from collections.abc import Iterator

from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import checks
from .case import Case
from .tables import rows

ACCOUNT = "azure-native:storage:StorageAccount"
SHARE = "azure-native:storage:FileShare"
REGISTRY = "azure-native:containerregistry:Registry"
LUSTRE = "azure-native:storagecache:AmlFilesystem"
# https://learn.microsoft.com/azure/storage/common/storage-account-overview (2026-11)
PREMIUM_KINDS = ("FileStorage", "BlockBlobStorage")
LEAST_PREMIUM = 100  # GiB, https://learn.microsoft.com/azure/storage/files/understanding-billing (2026-11)


@checks(ACCOUNT)
def kind_and_tier_go_together(case: Case) -> Iterator[Failure]:
    """Accounts for files and for block blobs are premium; NFS and SFTP need a hierarchical namespace."""
    kind, sku = case.known("kind"), case.known("sku.name")
    if kind in PREMIUM_KINDS and isinstance(sku, str) and not sku.startswith("Premium"):
        yield Failure("sku.name", sku, "Premium_LRS, Premium_ZRS", f"InvalidAccountType: {kind} is premium only")
    for feature in ("enableNfsV3", "isSftpEnabled"):
        if case.known(feature) is True and case.known("isHnsEnabled") is not True and not case.unknown("isHnsEnabled"):
            yield Failure(
                "isHnsEnabled", case.known("isHnsEnabled"), "true", f"{feature} needs a hierarchical namespace"
            )


@checks(SHARE)
def the_account_can_have_the_share(case: Case) -> Iterator[Failure]:
    """A share over NFS is in an account for files, and has at least 100 GiB there."""
    account = case.world.find(ACCOUNT, accountName=case.known("accountName")) if case.known("accountName") else None
    if account is None or account["kind"] == UNKNOWN:
        return
    files = account["kind"] == "FileStorage"
    if case.known("enabledProtocols") == "NFS" and not files:
        why = f"the account is {account['kind']}, and NFS is for accounts of kind FileStorage"
        yield Failure("enabledProtocols", "NFS", "SMB, or another account", why)
    quota = case.known("shareQuota")
    if files and str(account["sku.name"]).startswith("Premium_") and isinstance(quota, int) and quota < LEAST_PREMIUM:
        yield Failure("shareQuota", quota, f"at least {LEAST_PREMIUM} GiB", "a premium share has a least size")


@checks("azure-native:storage:BlobContainer")
def the_account_allows_what_the_container_shows(case: Case) -> Iterator[Failure]:
    """A container is public only where its account allows it."""
    account = case.world.find(ACCOUNT, accountName=case.known("accountName")) if case.known("accountName") else None
    shown = case.known("publicAccess")
    if account and shown not in (None, "None") and account["allowBlobPublicAccess"] not in (True, UNKNOWN):
        why = "PublicAccessNotPermitted: public access is not permitted on this storage account"
        yield Failure("publicAccess", shown, "None, or an account with allowBlobPublicAccess", why)


@checks(REGISTRY)
def premium_features(case: Case) -> Iterator[Failure]:
    """What only a premium registry has."""
    sku = case.known("sku.name")
    if sku in (None, "Premium"):
        return
    wanted = {"publicNetworkAccess": "Disabled", "zoneRedundancy": "Enabled", "dataEndpointEnabled": True}
    for path, value in wanted.items():
        if case.known(path) == value:
            yield Failure(path, value, "sku.name Premium", f"the SKU {sku} has no such feature")


@checks(LUSTRE)
def capacity_comes_in_steps(case: Case) -> Iterator[Failure]:
    """The capacity is a multiple of the step of its SKU; the file system is in one zone."""
    sku, capacity = case.known("sku.name"), case.known("storageCapacityTiB")
    row = next((row for row in rows("lustre.tsv") if row["sku"] == sku), None)
    if row and isinstance(capacity, int | float) and (capacity <= 0 or capacity % int(row["step_tib"])):
        yield Failure("storageCapacityTiB", capacity, f"a multiple of {row['step_tib']} TiB", f"the capacity of {sku}")
    zones = case.known("zones")
    if isinstance(zones, list) and len(zones) != 1:
        yield Failure("zones", zones, "one zone", "a file system is in one zone")
