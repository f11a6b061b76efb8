"""`kubeml catalog` and `kubeml explain`: what the tables and the policy pack know."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Literal

from kubeml_simulator.cli.errors import refuse

Kind = Literal["accelerators", "machines", "charts"]

# The columns of each table that a line has room for; `--output json` has all.
_COLUMNS = {
    "accelerators": ("key", "name", "vendor", "memory_gib", "resource_key"),
    "machines": ("name", "vcpus", "memory_gib", "arch", "accelerator", "count", "usd_per_hour"),
    "charts": ("key", "version", "app_version", "namespace", "repository"),
}


def catalog(kind: Kind, pattern: str = "", *, cloud: str = "aws", output: Literal["text", "json"] = "text") -> int:
    """Looks up accelerators, machine types and charts.

    Args:
        kind: the table.
        pattern: shows only the rows with this text in one of the columns.
        cloud: whose machine types.
        output: text with the main columns, or json with all of them.
    """
    rows = [_plain(row) for row in _table(kind, cloud)]
    columns = _COLUMNS[kind]
    found = [row for row in rows if any(pattern.lower() in str(row[column]).lower() for column in columns)]
    if not found:
        refuse("catalog", f'none of the {len(rows)} {kind} has "{pattern}" in one of {", ".join(columns)}')
    if output == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    from rich.table import Table

    from kubeml_simulator.cli.consoles import console

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        numbers = all(isinstance(row[column], int | float | None) for row in found)
        table.add_column(column.replace("_", " "), justify="right" if numbers else "left")
    for row in found:
        table.add_row(*("-" if row[column] is None else str(row[column]) for column in columns))
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
            json.dumps({**document, "levels": levels, "frameworks": frameworks, "options": _plain(options)}, indent=2)
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


def _table(kind: Kind, cloud: str) -> Iterable[Any]:
    from pulumi_kubeml.catalog import accelerators, machines

    if kind == "accelerators":
        return accelerators().values()
    if kind == "charts":
        from pulumi_kubeml.catalog.charts import charts

        return charts().values()
    try:
        return machines(cloud).values()
    except KeyError:
        return refuse("--cloud", f'the catalog has no machine types of "{cloud}"')


def _plain(value: Any) -> Any:
    """Makes a row as plain data; what it holds may be rows again."""
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    return value
