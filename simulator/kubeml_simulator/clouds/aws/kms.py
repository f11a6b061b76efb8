"""Keys and their names."""

from typing import Any

from .behaviours import computes
from .case import Case

KEY = "aws:kms/key:Key"


@computes("aws:kms/alias:Alias")
def alias_target(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The ARN and the id of the key that an alias names."""
    target = state.get("targetKeyId")
    key = case.world.find(KEY, id=target) or case.world.find(KEY, arn=target)
    return {"targetKeyArn": key["arn"], "targetKeyId": key.id} if key and not preview else {}
