"""One resource under examination, with the project and the location it is in, and the ways in which Google Cloud spells a reference."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kubeml_simulator.clouds.common import case as common
from kubeml_simulator.provider import UNKNOWN

from .locations import is_zone, region_of, zones

COMPUTE = "https://www.googleapis.com/compute/v1/"
ADDRESS = re.compile(r"(?:https:)?//[^/]+\.googleapis\.com/(?:compute/|storage/)?(?:(?:v\d\w*|beta|alpha)/)?")
PROJECT = re.compile(r"projects/([^/]+)/")
EMAIL = re.compile(r"[^@]+@([a-z0-9-]+)\.iam\.gserviceaccount\.com")
PLACES = re.compile(r"/(?:locations|regions|zones)/([^/]+)/")
# Where a resource says its place, in the order in which the provider looks; else what it belongs to may be given with its place.
OWN = ("location", "region", "zone")
OWNERS = ("cluster", "router", "subnetwork")
NUMBER_LENGTH = 12  # of the number of a project


@dataclass(frozen=True)
class Case(common.Case):
    """A resource of Google Cloud; `place` is the provider's region or zone, `account` the project of the provider.

    >>> from kubeml_simulator.provider import World
    >>> pool = {"cluster": "projects/ml-dev/locations/us-central1/clusters/ml"}
    >>> case = Case("t", "urn:pulumi:s::p::t::n", pool, "europe-west4-a", World(), account="ml-dev")
    >>> case.project, case.location, case.spellings("https://www.googleapis.com/compute/v1/projects/ml-dev/global/networks/main")[1:]
    ('ml-dev', 'us-central1', ('projects/ml-dev/global/networks/main', 'main'))
    """

    WORDS: ClassVar[frozenset[str]] = frozenset({"project", "number", "location", "region", "zone"})
    default_labels: Mapping[str, Any] = field(default_factory=dict)
    attributed: bool = True
    provider_zone: str = ""

    @property
    def project(self) -> str:
        """The project, by its id."""
        given = self.inputs.get("project")
        return str(given).removeprefix("projects/") if given is not None else self.account

    @property
    def number(self) -> str:
        """The number of the project."""
        return number_of(self.project)

    @property
    def location(self) -> str:
        """The region or zone that the resource says, or the provider's; the unknown while it is unknown."""
        said = next((given for name in OWN if (given := self.inputs.get(name)) is not None), None)
        if said is not None:
            return UNKNOWN if said == UNKNOWN else str(said).rsplit("/", 1)[-1].lower()
        owners = (self.inputs.get(name) for name in OWNERS)
        theirs = next((found[1] for each in owners if isinstance(each, str) and (found := PLACES.search(each))), None)
        return theirs or self.place

    @property
    def region(self) -> str:
        """The region of that place."""
        return region_of(self.location)

    @property
    def zone(self) -> str:
        """The zone of that place; of a region the provider's zone in it, else its first one."""
        location = self.location
        if is_zone(location):
            return location
        ours = region_of(self.provider_zone) == location
        return self.provider_zone if ours else next(iter(zones(location)), location)

    def spellings(self, value: Any) -> tuple[Any, ...]:
        """A reference as it is given, without the address of the service, and by its last part."""
        if not isinstance(value, str) or "/" not in value:
            return (value,)
        path = ADDRESS.sub("", value).lstrip("/")
        return tuple(dict.fromkeys((value, path, path.rsplit("/", 1)[-1])))

    def foreign(self, value: Any) -> bool:
        """Whether a reference names another project."""
        named = PROJECT.search(value) if isinstance(value, str) else None
        account = EMAIL.fullmatch(value) if isinstance(value, str) else None
        owner = named[1] if named else account[1] if account else None
        return owner is not None and owner not in {self.project, self.account, self.number, "-", "_"}


def number_of(project: str) -> str:
    """The number of a project, made from its id.

    >>> number_of("ml-dev"), len(number_of("ml-dev"))
    ('533828830965', 12)
    """
    made = int(common.digest(project, 16), 16) % 10**NUMBER_LENGTH
    return str(made or 1).rjust(NUMBER_LENGTH, "1")


def last(value: Any) -> str:
    """The name at the end of a reference, whatever form it has.

    >>> last("projects/p/global/networks/main"), last("main")
    ('main', 'main')
    """
    return str(value).rsplit("/", 1)[-1]
