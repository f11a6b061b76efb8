"""Runs a CrossGuard policy pack over the analyzer protocol."""

import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.analyzers import Remediation
from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.events import Finding, Level, Problem, ProjectError, Resource
from kubeml_simulator.engine.host import Plugin, ProviderError, unimplemented
from kubeml_simulator.engine.journal import Journal
from kubeml_simulator.engine.urns import name_of, split_reference, type_of

_LEVELS: tuple[Level, ...] = ("advisory", "mandatory", "disabled", "remediate")
_SEVERITIES = (None, "low", "medium", "high", "critical")
_UNDETERMINED = "can't run policy"


@dataclass(slots=True)
class PluginAnalyzer:
    """A policy pack in a folder, as `python -m pulumi.policy` runs it; `config_file` is a JSON object by policy name."""

    directory: Path
    config_file: Path | None = None
    name: str = ""
    version: str = ""
    _plugin: Plugin | None = None
    _journal: Journal = field(default_factory=Journal)

    def start(
        self,
        context: Context,
        address: str,
        *,
        config: Mapping[str, str],
        secret_keys: Sequence[str],
        organization: str,
    ) -> None:
        """Starts the pack for a run. Raises ProjectError where it does not start or its configuration is wrong."""
        if not (self.directory / "PulumiPolicy.yaml").is_file():
            raise ProjectError([Problem(str(self.directory), "is no policy pack: it has no PulumiPolicy.yaml")])
        try:
            self._start(context, address, config, secret_keys, organization)
        except ProviderError as error:
            raise ProjectError([Problem(str(self.directory), f"is no policy pack that runs: {error}")]) from error

    def _start(
        self,
        context: Context,
        address: str,
        config: Mapping[str, str],
        secret_keys: Sequence[str],
        organization: str,
        /,
    ) -> None:
        environment = dict(os.environ) | {
            "PULUMI_ORGANIZATION": organization,
            "PULUMI_PROJECT": context.project,
            "PULUMI_STACK": context.stack,
            "PULUMI_DRY_RUN": "true" if context.preview else "false",
            "PULUMI_CONFIG": json.dumps(dict(config)),
        }
        self._journal = context.journal
        command = [sys.executable, "-u", "-m", "pulumi.policy", address, str(self.directory.resolve())]
        self._plugin = Plugin(command, environment, analyzer_pb2_grpc.AnalyzerStub, self.directory)
        self._call(
            "Handshake",
            pb.AnalyzerHandshakeRequest(
                engine_address=address, root_directory=str(self.directory), program_directory=str(self.directory)
            ),
            optional=True,
        )
        self._call(
            "ConfigureStack",
            pb.AnalyzerStackConfigureRequest(
                stack=context.stack, project=context.project, organization=organization, dry_run=context.preview,
                config=config, config_secret_keys=secret_keys,
            ),
            optional=True,
        )  # fmt: skip
        info: pb.AnalyzerInfo = self._call("GetAnalyzerInfo", empty_pb2.Empty())
        self.name, self.version = info.name, info.version
        if info.supportsConfig:
            self._call("Configure", pb.ConfigureAnalyzerRequest(policyConfig=self._configuration(info)))

    def _call(self, method: str, request: Any, *, optional: bool = False) -> Any:
        if self._plugin is None:
            raise RuntimeError("the policy pack has not been started")
        try:
            return self._plugin.call(method, request)
        except ProviderError as error:
            if optional and unimplemented(error):
                return None
            raise

    def _configuration(self, info: pb.AnalyzerInfo) -> dict[str, pb.PolicyConfig]:
        given = self._given()
        names = {policy.name for policy in info.policies}
        problems = [
            Problem(f"{self.config_file}  {name}", f"is no policy of {info.name}; policies: {', '.join(sorted(names))}")
            for name in given.keys() - names - {"all"}
        ]
        made: dict[str, pb.PolicyConfig] = {}
        for policy in info.policies:
            own = _own(given.get("all")) | _own(given.get(policy.name))
            level = own.pop("enforcementLevel", None) or _LEVELS[policy.enforcementLevel]
            if level not in _LEVELS:
                allowed = ", ".join(_LEVELS)
                problems.append(
                    Problem(f"{self.config_file}  {policy.name}", f'"{level}" is no level; levels: {allowed}')
                )
                continue
            schema: dict[str, Any] = wire.properties(policy.configSchema.properties)
            values = {key: item["default"] for key, item in schema.items() if "default" in item} | own
            lacking = [key for key in policy.configSchema.required if key not in values]
            problems += [
                Problem(f"{self.config_file}  {policy.name}.{key}", "is missing and required") for key in lacking
            ]
            made[policy.name] = pb.PolicyConfig(enforcementLevel=_LEVELS.index(level), properties=wire.struct(values))  # pyright: ignore[reportArgumentType]
        if problems:
            raise ProjectError(problems)
        return made

    def _given(self) -> dict[str, Any]:
        if self.config_file is None:
            return {}
        try:
            found = json.loads(self.config_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ProjectError([Problem(str(self.config_file), f"cannot be read: {error}")]) from error
        if not isinstance(found, dict):
            raise ProjectError([Problem(str(self.config_file), "must be a JSON object by policy name")])
        return cast("dict[str, Any]", found)

    def remediate(self, resource: Resource) -> list[Remediation]:
        """Asks the pack to change a resource's inputs."""
        answer: pb.RemediateResponse = self._call("Remediate", self._request(resource))
        return [
            Remediation(
                item.policyName,
                None if item.diagnostic else wire.properties(item.properties),
                item.policyPackName,
                item.policyPackVersion,
                item.diagnostic,
            )
            for item in answer.remediations
        ]

    def analyze(self, resource: Resource) -> list[Finding]:
        """Asks the pack about one resource."""
        answer: pb.AnalyzeResponse = self._call("Analyze", self._request(resource))
        return [_finding(item) for item in answer.diagnostics]

    def analyze_stack(self, resources: Sequence[Resource]) -> list[Finding]:
        """Asks the pack about the whole stack."""
        sent = pb.AnalyzeStackRequest(resources=map(self._whole, resources))
        answer: pb.AnalyzeResponse = self._call("AnalyzeStack", sent)
        return [_finding(item) for item in answer.diagnostics]

    def _request(self, resource: Resource) -> pb.AnalyzeRequest:
        urn: str = resource["urn"]
        return pb.AnalyzeRequest(
            type=resource["type"], properties=wire.struct(resource.get("inputs") or {}), urn=urn, name=name_of(urn),
            options=_options(resource), provider=self._provider(resource),
        )  # fmt: skip

    def _whole(self, resource: Resource) -> pb.AnalyzerResource:
        urn: str = resource["urn"]
        depends: dict[str, list[str]] = resource.get("propertyDependencies") or {}
        return pb.AnalyzerResource(
            type=resource["type"], properties=wire.struct(resource.get("outputs") or {}), urn=urn, name=name_of(urn),
            options=_options(resource), provider=self._provider(resource), parent=resource.get("parent", ""),
            dependencies=resource.get("dependencies", ()),
            propertyDependencies={key: pb.AnalyzerPropertyDependencies(urns=urns) for key, urns in depends.items()},
        )  # fmt: skip

    def _provider(self, resource: Resource) -> pb.AnalyzerProviderResource | None:
        if not resource.get("provider"):
            return None
        urn, _ = split_reference(resource["provider"])
        inputs = self._journal.news.get(urn, {}).get("inputs") or {}
        return pb.AnalyzerProviderResource(
            type=type_of(urn), properties=wire.struct(inputs), urn=urn, name=name_of(urn)
        )

    def close(self) -> None:
        """Ends the pack's process."""
        if self._plugin is not None:
            with contextlib.suppress(ProviderError):
                self._plugin.call("Cancel", empty_pb2.Empty())
            self._plugin.close()
            self._plugin = None


def _own(given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        return {"enforcementLevel": given}
    return dict(given) if isinstance(given, dict) else {}


def _options(resource: Resource) -> pb.AnalyzerResourceOptions:
    return pb.AnalyzerResourceOptions(
        protect=bool(resource.get("protect")), ignoreChanges=resource.get("ignoreChanges", ()),
        additionalSecretOutputs=resource.get("additionalSecretOutputs", ()), parent=resource.get("parent", ""),
    )  # fmt: skip


def _finding(item: pb.AnalyzeDiagnostic) -> Finding:
    return Finding(
        item.policyName, item.policyPackName, item.policyPackVersion, _LEVELS[item.enforcementLevel], item.message,
        item.urn,
        "undetermined" if _UNDETERMINED in item.message else "violation", severity=_SEVERITIES[item.severity],
    )  # fmt: skip
