"""From the protocol's messages to the exchange format, each resource once.

Numbers of the protocol are floating point; whole ones become integers again, so that messages say 3 and not 3.0.
"""

from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb

from pulumi_kubeml.capacity.graph import UNKNOWN


def value(message: struct_pb2.Value) -> Any:
    """Make plain data of a protocol value.

    >>> value(struct_pb2.Value(number_value=3))
    3
    """
    kind = message.WhichOneof("kind")
    if kind == "string_value":
        return message.string_value
    if kind == "struct_value":
        return struct(message.struct_value)
    if kind == "list_value":
        return [value(item) for item in message.list_value.values]
    if kind == "number_value":
        number = message.number_value
        return int(number) if number.is_integer() else number
    return message.bool_value if kind == "bool_value" else None


def struct(message: struct_pb2.Struct) -> dict[str, Any]:
    """Make a dictionary of a protocol map."""
    return {key: value(item) for key, item in message.fields.items()}


def resource(message: pb.AnalyzeRequest | pb.AnalyzerResource) -> dict[str, Any]:
    """Make a resource in the exchange format of what an analyzer is given."""
    found: dict[str, Any] = {"urn": message.urn, "type": message.type, "inputs": struct(message.properties)}
    if message.provider.urn:
        found["provider"] = f"{message.provider.urn}::{UNKNOWN}"
    if isinstance(message, pb.AnalyzerResource):
        if message.parent:
            found["parent"] = message.parent
        if message.dependencies:
            found["dependencies"] = list(message.dependencies)
        if message.propertyDependencies:
            found["propertyDependencies"] = {key: list(each.urns) for key, each in message.propertyDependencies.items()}
    return found
