"""Makes and reads URNs and provider references."""

from dataclasses import dataclass

STACK = "pulumi:pulumi:Stack"
STACK_REFERENCE = "pulumi:pulumi:StackReference"
PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class Urn:
    """The parts of a URN.

    >>> Urn.parse("urn:pulumi:dev::shop::app:Web$aws:s3/bucket:Bucket::logs").type
    'aws:s3/bucket:Bucket'
    """

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        """The resource's own type, without its parents'."""
        return self.qualified_type.rsplit("$", 1)[-1]

    @classmethod
    def parse(cls, text: str) -> "Urn":
        """Reads a URN. Raises ValueError where the text is none."""
        parts = text.split("::", 3)
        if len(parts) != 4 or not parts[0].startswith("urn:pulumi:"):
            raise ValueError(f'"{text}" is not a URN: it reads urn:pulumi:STACK::PROJECT::TYPE::NAME')
        return cls(parts[0].removeprefix("urn:pulumi:"), parts[1], parts[2], parts[3])

    def __str__(self) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{self.qualified_type}::{self.name}"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Makes a resource's URN; the types of its parents lead, the stack's own does not.

    >>> make("dev", "shop", "urn:pulumi:dev::shop::app:Web::w", "aws:s3/bucket:Bucket", "logs")
    'urn:pulumi:dev::shop::app:Web$aws:s3/bucket:Bucket::logs'
    """
    above = Urn.parse(parent).qualified_type if parent else ""
    return str(Urn(stack, project, f"{above}${type_}" if above not in ("", STACK) else type_, name))


def name_of(urn: str) -> str:
    """The resource's name."""
    return urn.split("::", 3)[-1]


def type_of(urn: str) -> str:
    """The resource's own type."""
    return urn.split("::", 3)[2].rsplit("$", 1)[-1]


def package_of(type_: str) -> str:
    """The package that a type belongs to; for a provider, the package it provides.

    >>> package_of("aws:s3/bucket:Bucket"), package_of("pulumi:providers:aws")
    ('aws', 'aws')
    """
    return type_.removeprefix(PROVIDERS) if type_.startswith(PROVIDERS) else type_.split(":", 1)[0]


def is_provider(type_: str) -> bool:
    """Whether the type is a provider's."""
    return type_.startswith(PROVIDERS)


def is_default_provider(urn: str) -> bool:
    """Whether the URN is of a provider that the engine made by itself."""
    name = name_of(urn)
    return is_provider(type_of(urn)) and (name == "default" or name.startswith("default_"))


def reference(urn: str, id_: str) -> str:
    """Makes a provider reference."""
    return f"{urn}::{id_}"


def split_reference(text: str) -> tuple[str, str]:
    """Splits a provider reference into URN and id.

    >>> split_reference("urn:pulumi:dev::shop::pulumi:providers:aws::p::1234")
    ('urn:pulumi:dev::shop::pulumi:providers:aws::p', '1234')
    """
    urn, _, id_ = text.rpartition("::")
    Urn.parse(urn)
    return urn, id_
