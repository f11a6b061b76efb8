"""`kubeml catalog` and `kubeml explain`: what the tables and the policy pack know."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from kubeml_simulator.cli.commands import facts
from kubeml_simulator.cli.errors import refuse

Kind = Literal["accelerators", "machines", "charts", "versions"]


def _known(value: Any) -> Any:
    return "unknown" if value is None else value


def _allocatable(row: facts.Row) -> str:
    """Makes what a node leaves to its pods; ~ marks an estimate, which is never above what it leaves."""
    left = row["allocatable"]
    if left is None:
        return "unknown"
    mark = "~" if facts.is_estimated(row) else ""
    return f"{left['cpu_millicores']}m, {mark}{left['memory_bytes'] // 2**20}Mi, {left['pods']} pods"


# The columns of each table that a line has room for, and what makes one of a row; `--output json` has all.
_COLUMNS: Mapping[Kind, Mapping[str, Callable[[facts.Row], Any]]] = {
    "accelerators": {
        "key": lambda row: row["key"],
        "name": lambda row: row["name"],
        "vendor": lambda row: row["vendor"],
        "memory GiB": lambda row: row["memory_gib"],
        "resource": lambda row: row["resource_key"],
        "MIG": lambda row: len(row["mig_profiles"]) or None,
        "machine types": lambda row: ", ".join(
            f"{cloud} {had if isinstance(had, str) else len(had)}" for cloud, had in row["machine_types"].items()
        ),
    },
    "machines": {
        "cloud": lambda row: row["cloud"],
        "machine type": lambda row: row["machine_type"],
        "vCPU": lambda row: _known(row["vcpus"]),
        "memory GiB": lambda row: _known(row["memory_bytes"] and round(row["memory_bytes"] / facts.GIB, 2)),
        "arch": lambda row: row["architecture"],
        "accelerator": lambda row: row["accelerator"],
        "count": lambda row: _known(row["accelerators"]) or None,
        "for pods": _allocatable,
        "USD an hour": lambda row: row["price"]["amount"] if row["price"] else "unknown",
    },
    "charts": {
        name: lambda row, name=name: row[name] for name in ("key", "version", "app_version", "namespace", "repository")
    },
    "versions": {
        "cloud": lambda row: row["cloud"],
        "version": lambda row: row["version"],
        "standard support until": lambda row: _known(row["standard_until"]),
        "extended support until": lambda row: _known(row["extended_until"]),
    },
}


def catalog(
    kind: Kind,
    pattern: str = "",
    *,
    cloud: Literal["aws", "gcp", "azure"] | None = None,
    accelerator: str | None = None,
    count: float | None = None,
    output: Literal["text", "json"] = "text",
) -> int:
    """Looks up accelerators, machine types, charts and Kubernetes versions.

    Args:
        kind: the table.
        pattern: shows only the rows with this text in one of the columns.
        cloud: shows only what this cloud has.
        accelerator: shows only this accelerator, or the machine types with it.
        count: shows only the machine types with so many accelerators.
        output: text with the main columns, or json with all of them.
    """
    _check(kind, accelerator, count)
    wanted = facts.Wanted(cloud, accelerator, count)
    columns = _COLUMNS[kind]
    rows = list(getattr(facts, kind)(wanted))
    if not rows:
        named = {"--cloud": cloud, "--accelerator": accelerator, "--count": count}
        refuse("catalog", f"no {kind} with {' '.join(f'{option} {value}' for option, value in named.items() if value)}")
    found = [row for row in rows if any(pattern.lower() in str(show(row)).lower() for show in columns.values())]
    if not found:
        refuse("catalog", f'none of the {len(rows)} {kind} has "{pattern}" in one of {", ".join(columns)}')
    if output == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    from rich.table import Table

    from kubeml_simulator.cli.consoles import console

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    cells = {name: [show(row) for row in found] for name, show in columns.items()}
    for name, values in cells.items():
        numbers = any(isinstance(value, int | float) for value in values)
        table.add_column(name, justify="right" if numbers else "left")
    for values in zip(*cells.values(), strict=True):
        table.add_row(*("-" if value is None else str(value) for value in values))
    console().print(table)
    return 0


def explain(check: str, *, output: Literal["text", "json"] = "text") -> int:
    """Says what a check of the policy pack wants, why, and how to satisfy it.

    Args:
        check: its id (POD-01) or its name.
        output: text or json.
    """
    from kubeml_policies import CHECKS, PROFILES

    found = next((each for each in CHECKS.values() if check.lower() in {each.id.lower(), each.name.lower()}), None)
    if found is None:
        refuse("explain", f'"{check}" is not a check; there is {", ".join(sorted(CHECKS))}')
    levels = {profile: found.level(profile) for profile in PROFILES}
    options = {name: {"default": option.default, "what": option.doc} for name, option in found.options.items()}
    frameworks = [f"{each.name} {each.reference}" for each in found.frameworks]
    if output == "json":
        names = ("id", "name", "title", "severity", "why", "fix")
        document = {name: getattr(found, name) for name in names}
        print(
            json.dumps(
                {**document, "levels": levels, "frameworks": frameworks, "options": facts.plain(options)}, indent=2
            )
        )
        return 0
    print(f"{found.id}  {found.name}: {found.title}")
    rows = [
        ("severity", f"{found.severity}; {', '.join(f'{level} in {profile}' for profile, level in levels.items())}"),
        ("why", found.why),
        ("fix", found.fix),
        ("see", ", ".join(frameworks)),
        *((f"option {name}", f"{option['what']} (default {option['default']})") for name, option in options.items()),
    ]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        if text:
            print(f"  {name:<{width}}  {text}")
    return 0


def _check(kind: Kind, accelerator: str | None, count: float | None) -> None:
    """Refuses a filter that the table does not have, or an accelerator that there is not."""
    from pulumi_kubeml.catalog import accelerators
    from pulumi_kubeml.problems import suggestion

    if accelerator is not None and kind not in {"accelerators", "machines"}:
        refuse("--accelerator", f"{kind} are not told apart by accelerator; it filters accelerators and machines")
    if count is not None and kind != "machines":
        refuse("--count", f"{kind} have no number of accelerators; it filters machines")
    if accelerator is not None and accelerator not in accelerators():
        known = ", ".join(sorted(accelerators()))
        refuse(
            "--accelerator",
            f'"{accelerator}" is not in the catalog; there is {known}{suggestion(accelerator, accelerators())}',
        )
