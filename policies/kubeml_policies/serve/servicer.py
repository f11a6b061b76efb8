"""The servicer: what a Pulumi engine asks of an analyzer, answered from a Pack.

The profile is the stack's own `kubeml:environment` (dev, staging or prod; dev when it says nothing). Levels and options come
from the engine (`--policy-pack-config`). A configuration that is wrong is said on every policy, as an advisory.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

from kubeml_policies.checks import CHECKS
from kubeml_policies.config import schema
from kubeml_policies.model import PROFILES, Check, Finding, Level, Severity
from kubeml_policies.pack import Pack
from kubeml_policies.serve import decode

LEVELS: Mapping[Level, pb.EnforcementLevel.ValueType] = {
    "advisory": pb.ADVISORY,
    "mandatory": pb.MANDATORY,
    "disabled": pb.DISABLED,
    "remediate": pb.REMEDIATE,
}
SEVERITIES: Mapping[Severity, pb.PolicySeverity.ValueType] = {
    "low": pb.POLICY_SEVERITY_LOW,
    "medium": pb.POLICY_SEVERITY_MEDIUM,
    "high": pb.POLICY_SEVERITY_HIGH,
    "critical": pb.POLICY_SEVERITY_CRITICAL,
}
ENVIRONMENT = "kubeml:environment"
Context = grpc.ServicerContext


class Servicer(analyzer_pb2_grpc.AnalyzerServicer):
    """One pack, served; `environment` is what the stack says it is, if that is known before ConfigureStack."""

    def __init__(self, environment: str = "") -> None:
        self._environment = environment
        self._config: dict[str, Any] = {}
        self._pack = self._make()

    def Handshake(self, request: pb.AnalyzerHandshakeRequest, context: Context) -> pb.AnalyzerHandshakeResponse:
        """Answer the engine's first call."""
        del request, context
        return pb.AnalyzerHandshakeResponse()

    def ConfigureStack(
        self, request: pb.AnalyzerStackConfigureRequest, context: Context
    ) -> pb.AnalyzerStackConfigureResponse:
        """Take the profile from the stack's configuration."""
        del context
        self._environment = request.config.get(ENVIRONMENT, self._environment)
        self._pack = self._make()
        return pb.AnalyzerStackConfigureResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Make the version."""
        del request, context
        return plugin_pb2.PluginInfo(version=Pack.version)

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: Context) -> pb.AnalyzerInfo:
        """Make the description of every check, with its level and option defaults under the stack's profile."""
        del request, context
        return pb.AnalyzerInfo(
            name=Pack.name,
            displayName="KubeML",
            version=Pack.version,
            supportsConfig=True,
            description="Quotas, accelerators and network rules of managed Kubernetes clusters with GPUs",
            policies=[_policy(check, self._pack.profile) for check in CHECKS.values()],
            initialConfig={
                check.name: pb.PolicyConfig(enforcementLevel=LEVELS[check.level(self._pack.profile)])
                for check in CHECKS.values()
            },
        )

    def Configure(self, request: pb.ConfigureAnalyzerRequest, context: Context) -> empty_pb2.Empty:
        """Take levels and options; what is wrong with them is refused as a whole, with every reason."""
        names = {level: name for name, level in LEVELS.items()}
        self._config = {
            name: {"enforcementLevel": names[given.enforcementLevel], **decode.struct(given.properties)}
            for name, given in request.policyConfig.items()
        }
        try:
            self._pack = self._make()
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def Remediate(self, request: pb.AnalyzeRequest, context: Context) -> pb.RemediateResponse:
        """Answer that nothing is corrected."""
        del request, context
        return pb.RemediateResponse()

    def Analyze(self, request: pb.AnalyzeRequest, context: Context) -> pb.AnalyzeResponse:
        """Make the diagnostics of one resource."""
        del context
        return _response(self._pack.analyze(decode.resource(request)))

    def AnalyzeStack(self, request: pb.AnalyzeStackRequest, context: Context) -> pb.AnalyzeResponse:
        """Make the diagnostics of the whole stack."""
        del context
        return _response(self._pack.analyze_stack([decode.resource(each) for each in request.resources]))

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Answer; every call is short, so nothing is left to stop."""
        del request, context
        return empty_pb2.Empty()

    def _make(self) -> Pack:
        return Pack(self._environment if self._environment in PROFILES else "dev", self._config)


def environment_of(config: str) -> str:
    """Make what the configuration of a stack, as PULUMI_CONFIG has it, says about its environment.

    >>> environment_of('{"kubeml:environment": "prod"}'), environment_of("")
    ('prod', '')
    """
    try:
        given = json.loads(config or "{}")
    except ValueError:
        return ""
    return str(given.get(ENVIRONMENT) or "") if isinstance(given, dict) else ""


def _policy(check: Check[Any, Any], profile: str) -> pb.PolicyInfo:
    properties = struct_pb2.Struct()
    json_format.ParseDict(schema(check, profile), properties)
    kind = pb.POLICY_TYPE_STACK if check.scope == "stack" else pb.POLICY_TYPE_RESOURCE
    first = check.frameworks[0] if check.frameworks else None
    return pb.PolicyInfo(
        name=check.name,
        displayName=f"{check.id} {check.title}",
        description=check.title,
        message=check.why,
        enforcementLevel=LEVELS[check.level(profile)],
        configSchema=pb.PolicyConfigSchema(properties=properties),
        policy_type=kind,
        severity=SEVERITIES[check.severity],
        framework=pb.PolicyComplianceFramework(name=first.name, reference=first.reference) if first else None,
        tags=[check.id],
        remediation_steps=check.fix,
    )


def _response(findings: Iterable[Finding]) -> pb.AnalyzeResponse:
    return pb.AnalyzeResponse(diagnostics=[_diagnostic(finding) for finding in findings])


def _diagnostic(finding: Finding) -> pb.AnalyzeDiagnostic:
    check = CHECKS[finding.check]
    text = f"{finding.path}: {finding.message}" if finding.path else finding.message
    return pb.AnalyzeDiagnostic(
        policyName=check.name,
        policyPackName=Pack.name,
        policyPackVersion=Pack.version,
        description=check.title,
        message=f"{text}\n{finding.fix}" if finding.fix else text,
        enforcementLevel=LEVELS[finding.level],
        urn=finding.urn,
        severity=SEVERITIES[finding.severity],
    )
