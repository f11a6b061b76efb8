"""Makes goals, what the program wants, of the requests it sends."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from pulumi.runtime.proto import resource_pb2 as pb

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.urns import is_provider
from kubeml_simulator.engine.wire import Properties

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)")
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class Alias:
    """A name the resource had before: a whole URN, or the parts that differ."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(slots=True)
class Goal:
    """A resource as the program wants it."""

    type: str
    name: str
    custom: bool
    parent: str = ""
    remote: bool = False
    inputs: Properties = field(default_factory=dict[str, Any])
    dependencies: list[str] = field(default_factory=list[str])
    property_dependencies: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    provider: str = ""
    providers: dict[str, str] = field(default_factory=dict[str, str])
    version: str = ""
    package: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list[str])
    replace_on_changes: list[str] = field(default_factory=list[str])
    replace_with: list[str] = field(default_factory=list[str])
    deleted_with: str = ""
    additional_secret_outputs: list[str] = field(default_factory=list[str])
    aliases: list[Alias] = field(default_factory=list[Alias])
    timeouts: dict[str, float] = field(default_factory=dict[str, float])
    import_id: str = ""
    hide_diffs: list[str] = field(default_factory=list[str])
    position: str | None = None


def goal_of(request: pb.RegisterResourceRequest, options: pb.TransformResourceOptions, *, transformed: bool) -> Goal:
    """Makes the goal of a request; `options` are the request's own or what transforms made of them.

    After a transform the dependencies are those that the transformed options and output values name.
    """
    found: dict[str, set[str]] = {}
    inputs = wire.properties(request.object, found)
    dependencies = set(options.depends_on)
    by_property: dict[str, set[str]] = {key: found.get(key, set()) for key in inputs}
    if transformed:
        dependencies |= {urn for urns in by_property.values() for urn in urns}
    elif request.propertyDependencies or request.remote:
        for key, item in request.propertyDependencies.items():
            by_property.setdefault(key, set()).update(item.urns)
    else:
        by_property = {key: urns | dependencies for key, urns in by_property.items()}
    if is_provider(request.type) and options.version:
        inputs["version"] = options.version
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        remote=request.remote,
        inputs=inputs,
        dependencies=sorted(dependencies),
        property_dependencies={key: sorted(urns) for key, urns in by_property.items()},
        provider=options.provider,
        providers=dict(options.providers),
        version=options.version,
        package=request.packageRef,
        protect=options.protect if options.HasField("protect") else None,
        retain_on_delete=options.retain_on_delete if options.HasField("retain_on_delete") else None,
        delete_before_replace=options.delete_before_replace if options.HasField("delete_before_replace") else None,
        ignore_changes=list(options.ignore_changes),
        replace_on_changes=list(options.replace_on_changes),
        replace_with=list(options.replace_with),
        deleted_with=options.deleted_with,
        additional_secret_outputs=list(options.additional_secret_outputs),
        aliases=[_alias(alias) for alias in options.aliases],
        timeouts=_timeouts(options.custom_timeouts),
        import_id=getattr(options, "import"),
        hide_diffs=list(options.hide_diff),
    )


def options_of(request: pb.RegisterResourceRequest) -> pb.TransformResourceOptions:
    """Makes the options of a request in the form that transforms take."""
    options = pb.TransformResourceOptions(
        depends_on=request.dependencies,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=request.aliases,
        provider=request.provider,
        custom_timeouts=request.customTimeouts,
        plugin_download_url=request.pluginDownloadURL,
        deleted_with=request.deletedWith,
        additional_secret_outputs=request.additionalSecretOutputs,
        providers=request.providers,
        hooks=request.hooks if request.HasField("hooks") else None,
        hide_diff=request.hideDiffs,
        replace_with=request.replace_with,
    )
    setattr(options, "import", request.importId)  # a keyword of Python
    if request.HasField("protect"):
        options.protect = request.protect
    if request.HasField("retainOnDelete"):
        options.retain_on_delete = request.retainOnDelete
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _alias(alias: Any) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias("", spec.name, spec.type, spec.stack, spec.project, spec.parentUrn, spec.noParent)


def _timeouts(timeouts: pb.RegisterResourceRequest.CustomTimeouts) -> dict[str, float]:
    given = {"create": timeouts.create, "update": timeouts.update, "delete": timeouts.delete, "read": timeouts.read}
    return {key: seconds(text) for key, text in given.items() if text}


def seconds(text: str) -> float:
    """Reads a duration as Go writes it.

    >>> seconds("1h30m"), seconds("90s")
    (5400.0, 90.0)
    """
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f'"{text}" is not a duration: it reads like 30m or 1h30m')
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def position_of(request: Any, root: Path) -> str | None:
    """Finds where in the project a request comes from, as `path:line`, or None.

    The nearest frame inside `root` that is in no installed package wins: that is where a reader of the project looks.
    """
    frames = [frame.pc for frame in request.stackTrace.frames] or [request.sourcePosition]
    for frame in frames:
        if frame.uri.startswith("file://"):
            path = Path(unquote(urlparse(frame.uri).path))
            if path.is_relative_to(root) and not _INSTALLED.intersection(path.parts):
                return f"{path.relative_to(root).as_posix()}:{frame.line}"
    return None


def position_in(traceback: str, root: Path) -> str | None:
    """Finds the innermost place in the project that a traceback names, as `path:line`, or None.

    >>> position_in('File "/shop/__main__.py", line 3, in <module>', Path("/shop"))
    '__main__.py:3'
    """
    for file, line in reversed(_FRAME.findall(traceback)):
        path = Path(file)
        if path.is_relative_to(root) and not _INSTALLED.intersection(path.parts):
            return f"{path.relative_to(root).as_posix()}:{line}"
    return None


def resource_of(goal: Goal, urn: str, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """Makes the resource that a goal describes, in deployment format, before it has an id and outputs."""
    made: dict[str, Any] = {"urn": urn, "custom": goal.custom, "type": goal.type}
    if goal.inputs:
        made["inputs"] = goal.inputs
    optional = {
        "parent": goal.parent,
        "protect": goal.protect,
        "dependencies": goal.dependencies,
        "provider": goal.provider
        if goal.custom
        else "",  # the real engine keeps none of a component, remote ones included
        "propertyDependencies": goal.property_dependencies,
        "additionalSecretOutputs": goal.additional_secret_outputs,
        "customTimeouts": goal.timeouts,
        "retainOnDelete": goal.retain_on_delete,
        "deletedWith": goal.deleted_with,
        "replaceWith": goal.replace_with,
        "ignoreChanges": goal.ignore_changes,
        "replaceOnChanges": goal.replace_on_changes,
        "hideDiff": goal.hide_diffs,
    }
    made |= {key: value for key, value in optional.items() if value}
    if goal.position:
        path, _, line = goal.position.rpartition(":")
        made["sourcePosition"] = f"project:///{path}#{line}"
    if old is not None and "outputs" in old and not goal.custom:
        made["outputs"] = old["outputs"]
    return made
