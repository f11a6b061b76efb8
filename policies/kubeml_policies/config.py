"""Configuration of a pack, in the form of CrossGuard's: a level, or an object with a level and a check's own settings.

>>> settings, problems = resolve({"all": "advisory", "pod-image-pinned": {"require": "digest"}}, "dev")
>>> settings["POD-09"].level, settings["POD-09"].values["require"], problems
('advisory', 'digest', [])
>>> resolve({"pod-image-pined": "disabled"}, "dev")[1]
['pod-image-pined is no check; did you mean pod-image-pinned?']
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, cast

from kubeml_policies.checks import CHECKS
from kubeml_policies.model import LEVELS, Check, Level
from kubeml_policies.waivers import SCHEMA, Waiver, read

WAIVERS = "violations that someone answers for: a pattern of URNs, owner, reason, and the day of the end, at most 90 days ahead"
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


@dataclass(frozen=True)
class Setting:
    """How one check runs: its level and the values of its options."""

    level: Level
    values: Mapping[str, Any]
    waivers: list[Waiver] = field(default_factory=list[Waiver])


def resolve(
    config: Mapping[str, Any], profile: str, day: dt.date = dt.date.min
) -> tuple[dict[str, Setting], list[str]]:
    """Make the setting of every check by id, and everything that is wrong with the configuration; names and ids both do.

    `day` is the one on which waivers are looked at.
    """
    problems: list[str] = []
    given: dict[str, Any] = {}
    names = {check.name: check.id for check in CHECKS.values()} | {check: check for check in CHECKS}
    for key, value in config.items():
        if key == "all":
            continue
        if key in names:
            given[names[key]] = value
        else:
            near = get_close_matches(key, names, 1)
            problems.append(f"{key} is no check" + (f"; did you mean {near[0]}?" if near else ""))
    everywhere = config.get("all")
    if isinstance(everywhere, Mapping):
        everywhere = cast("Mapping[str, Any]", everywhere).get("enforcementLevel")
    return {
        check.id: _setting(check, profile, (everywhere, given.get(check.id)), day, problems)
        for check in CHECKS.values()
    }, problems


def schema(check: Check[Any, Any], profile: str) -> dict[str, Any]:
    """Make the JSON schema of a check's options, each with its default under a profile, and of its waivers."""
    options = {
        name: {**option.schema, "description": option.doc, "default": option.value(profile)}
        for name, option in check.options.items()
    }
    return {**options, "waivers": {**SCHEMA, "description": WAIVERS, "default": []}}


def _setting(
    check: Check[Any, Any], profile: str, given: tuple[Any, Any], day: dt.date, problems: list[str]
) -> Setting:
    everywhere, own = given
    level = _level(everywhere, check.level(profile), "all", problems)
    values = {name: option.value(profile) for name, option in check.options.items()}
    waivers: list[Waiver] = []
    if isinstance(own, Mapping):
        own = dict(cast("Mapping[str, Any]", own))
        level = _level(own.pop("enforcementLevel", None), level, check.name, problems)
        waivers, wrong = read(own.pop("waivers", []), day)
        problems += [f"{check.name}.waivers{each}" for each in wrong]
        for name, value in own.items():
            problem = _problem(check, name, value)
            if problem:
                problems.append(f"{check.name}.{name} {problem}")
            else:
                values[name] = value
    else:
        level = _level(own, level, check.name, problems)
    return Setting(level, values, waivers)


def _level(given: Any, otherwise: Level, where: str, problems: list[str]) -> Level:
    if given is None:
        return otherwise
    if given in LEVELS:
        return given
    problem = f'{where} "{given}" is no level; allowed: {", ".join(LEVELS)}'
    if problem not in problems:
        problems.append(problem)
    return otherwise


def _problem(check: Check[Any, Any], name: str, value: Any) -> str:
    option = check.options.get(name)
    if option is None:
        return f"is no option; {check.name} has {', '.join((*check.options, 'waivers'))}"
    wanted = option.schema["type"]
    if not isinstance(value, _TYPES[wanted]) or (wanted == "number" and isinstance(value, bool)):
        return f"is {value!r}; allowed: a value of type {wanted}"
    if "enum" in option.schema and value not in option.schema["enum"]:
        return f"is {value!r}; allowed: {', '.join(option.schema['enum'])}"
    if "minimum" in option.schema and value < option.schema["minimum"]:
        return f"is {value!r}; allowed: {option.schema['minimum']} or more"
    if wanted == "array" and not all(isinstance(item, str) for item in value):
        return f"is {value!r}; allowed: a list of texts"
    return ""
