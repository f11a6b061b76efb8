"""Identities of Entra: what a federated credential may say, and to whom a role is given."""

from collections.abc import Iterator

from kubeml_simulator.provider import Failure

from . import arm
from .behaviours import checks
from .case import Case

CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
DEFINITION = "azure-native:authorization:RoleDefinition"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
# https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations (2026-11)
MOST, AUDIENCES = 20, 1


@checks(CREDENTIAL)
def credentials_are_few_and_differ(case: Case) -> Iterator[Failure]:
    """An identity has at most twenty credentials, and each pair of issuer and subject once; a credential has one audience."""
    audiences = case.known("audiences")
    if isinstance(audiences, list) and len(audiences) != AUDIENCES:
        yield Failure("audiences", audiences, "one audience, as a rule api://AzureADTokenExchange")
    group, name = case.known("resourceGroupName"), case.known("resourceName")
    others = [
        other
        for other in case.world.having(CREDENTIAL, "resourceName", name)
        if case.rivals(other) and group and other["resourceGroupName"] == group
    ]
    if len(others) >= MOST:
        why = f"{name} has {len(others)} federated identity credentials already"
        yield Failure("resourceName", name, f"at most {MOST} of an identity", why)
    issuer, subject = case.known("issuer"), case.known("subject")
    for other in others:
        if issuer and subject and (other["issuer"], other["subject"]) == (issuer, subject):
            why = f"issuer and subject combination already exists for this managed identity: {other.urn} has it"
            yield Failure("subject", subject, "another subject", why)


@checks(ASSIGNMENT)
def a_role_is_given_once(case: Case) -> Iterator[Failure]:
    """One principal has one role at one scope once."""
    wanted = {key: case.known(key) for key in ("principalId", "roleDefinitionId", "scope")}
    if None in wanted.values():
        return
    role = str(wanted["roleDefinitionId"]).rsplit("/", 1)[-1].lower()
    for other in case.world.having(ASSIGNMENT, "principalId", wanted["principalId"]):
        same = str(other["roleDefinitionId"]).rsplit("/", 1)[-1].lower() == role
        if case.rivals(other) and same and arm.canonical(str(other["scope"])) == arm.canonical(str(wanted["scope"])):
            why = f"RoleAssignmentExists: the role assignment already exists: {other.urn} made it"
            yield Failure("roleDefinitionId", wanted["roleDefinitionId"], "a role that the principal has not", why)


@checks(ASSIGNMENT)
def the_role_is_an_id(case: Case) -> Iterator[Failure]:
    """A role is named by the id of its definition, not by its words."""
    given = case.known("roleDefinitionId")
    parsed = arm.parse(given) if isinstance(given, str) else None
    if given is None:
        return
    if parsed is None or parsed.kind.lower() != "microsoft.authorization/roledefinitions":
        allowed = "/providers/Microsoft.Authorization/roleDefinitions/GUID"
        yield Failure("roleDefinitionId", given, allowed, "InvalidRoleDefinitionId: it is no id of a role definition")
    elif not arm.GUID.fullmatch(parsed.names[-1] if parsed.names else ""):
        allowed = "a GUID"
        yield Failure("roleDefinitionId", given, allowed, "InvalidRoleDefinitionId: a definition is named by a GUID")


@checks(ASSIGNMENT, DEFINITION, "azure-native:authorization:ManagementLockByScope")
def the_scope_is_one(case: Case) -> Iterator[Failure]:
    """A scope is an id: of a subscription, a group, a resource, or of a management group."""
    scope = case.known("scope")
    if isinstance(scope, str) and arm.parse(arm.canonical(scope)) is None:
        why = "MissingSubscription: it is no scope"
        yield Failure("scope", scope, "/subscriptions/GUID, or the id of a group or resource", why)


@checks(DEFINITION)
def a_definition_has_a_name_of_its_own(case: Case) -> Iterator[Failure]:
    """The words of a custom role are unique in the directory; it may be assigned at the scope that it is made at."""
    name = case.known("roleName")
    for other in case.world.having(DEFINITION, "roleName", name):
        if case.rivals(other):
            why = f"RoleDefinitionWithSameNameExists: a custom role with the same name already exists: {other.urn} made it"
            yield Failure("roleName", name, "another name", why)
    scopes, scope = case.known("assignableScopes"), case.known("scope")
    if isinstance(scopes, list) and isinstance(scope, str):
        below = f"{arm.canonical(scope).lower()}/"
        if not any(below.startswith(f"{arm.canonical(str(one)).lower()}/") for one in scopes):
            why = "the role could not be assigned where it is made"
            yield Failure("assignableScopes", scopes, f"scopes that include {scope}", why)
