"""The one way in which this package says that an input is wrong: every problem with its path, all at once.

>>> problems = Problems()
>>> problems.add("pools[0].max", "0, but a pool holds at least one node; raise max to 1 or more")
>>> problems.under("cluster").add("endpointAccess", '"203.0.113.0/33" is not a CIDR block')
>>> problems.raise_if_any()
Traceback (most recent call last):
    ...
pulumi_kubeml.problems.ConfigurationError: pools[0].max  0, but a pool holds at least one node; raise max to 1 or more
cluster.endpointAccess  "203.0.113.0/33" is not a CIDR block
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where (the path of the property) and what (the value, what is allowed, why)."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}  {self.message}" if self.path else self.message


class ConfigurationError(Exception):
    """All problems of one input; its text has one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """A collector: whoever checks adds, and goes on checking; whoever asked raises once.

    >>> problems = Problems()
    >>> problems.under("pools").under(1).add("min", "3 is above max 2")
    >>> [str(problem) for problem in problems]
    ['pools[1].min  3 is above max 2']
    """

    def __init__(self, path: str = "", *, found: list[Problem] | None = None) -> None:
        self.path = path
        self._found: list[Problem] = [] if found is None else found

    def under(self, step: str | int) -> "Problems":
        """Make a collector for a property (or an item, by its number) of this one; both collect into the same list."""
        return Problems(join(self.path, step), found=self._found)

    def add(self, step: str | int, message: str) -> None:
        """Note one problem of a property; an empty step means the value itself."""
        self._found.append(Problem(join(self.path, step), message))

    def extend(self, error: ConfigurationError) -> None:
        """Note the problems of an error that was raised by a part."""
        self._found.extend(Problem(join(self.path, problem.path), problem.message) for problem in error.problems)

    def raise_if_any(self, error: type[ConfigurationError] = ConfigurationError) -> None:
        """Raise everything found so far as one error, if there is anything."""
        if self._found:
            raise error(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def join(path: str, step: str | int) -> str:
    """Make the path of a property or an item below another.

    >>> join("pools", 1), join("pools[1]", "min"), join("", "name"), join("pools", "")
    ('pools[1]', 'pools[1].min', 'name', 'pools')
    """
    if isinstance(step, int):
        return f"{path}[{step}]"
    if not path or not step:
        return path or step
    return f"{path}{step}" if step.startswith("[") else f"{path}.{step}"


def suggestion(value: object, known: Iterable[str]) -> str:
    """Make the question to end a message with when a value is nearly one that is known, else nothing.

    >>> suggestion("h1000", ["h100", "l4"]), suggestion("tpu", ["h100"])
    ('; did you mean h100?', '')
    """
    near = get_close_matches(str(value), list(known), n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""


def listed(items: Iterable[object]) -> str:
    """Make a sentence's list of what is allowed, in the order given.

    >>> listed(["a10g", "l4"])
    'a10g, l4'
    """
    return ", ".join(str(item) for item in items)
