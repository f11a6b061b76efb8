"""Policy packs of a run: our own as an analyzer in this process, others over Pulumi's analyzer protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubeml_simulator.cli.errors import Refusal, refuse

if TYPE_CHECKING:
    from kubeml_policies import Finding as PackFinding
    from kubeml_policies import Pack
    from kubeml_simulator.engine.analyzers import Remediation
    from kubeml_simulator.engine.events import Finding

PROFILE_KEY = "kubeml:environment"
PROFILES = ("dev", "staging", "prod")


@dataclass
class PackAnalyzer:
    """A `kubeml_policies.Pack` as the engine's Analyzer: the checks read the graph as it is, nothing is encoded on the way."""

    pack: "Pack"
    name: str
    version: str

    def remediate(self, resource: dict[str, Any]) -> "list[Remediation]":
        """Corrects the inputs of a resource, where a check may."""
        from kubeml_simulator.engine.analyzers import Remediation

        inputs = self.pack.remediate(resource)
        return [] if inputs is None else [Remediation(self.name, inputs, self.name, self.version)]

    def analyze(self, resource: dict[str, Any]) -> "list[Finding]":
        """Judges a resource before anything is done with it."""
        return [self._finding(each) for each in self.pack.analyze(resource)]

    def analyze_stack(self, resources: Sequence[dict[str, Any]]) -> "list[Finding]":
        """Judges the whole graph."""
        return [self._finding(each) for each in self.pack.analyze_stack(list(resources))]

    def _finding(self, found: "PackFinding") -> "Finding":
        from kubeml_simulator.engine.events import Finding

        return Finding(
            policy=found.name,
            pack=self.name,
            pack_version=self.version,
            level=found.level,
            message=found.message,
            urn=found.urn or "",
            kind=found.result,
            check=found.check,
            path=found.path or None,
            expected=found.expected,
            actual=found.actual,
            fix=found.fix or None,
            severity=found.severity,
            position=found.position or None,
        )


def built_in(profile: str, config: Mapping[str, Any], as_of: date) -> PackAnalyzer:
    """Makes the analyzer of the built-in checks; raises Refusal with all that is wrong with their configuration."""
    from kubeml_policies import Pack

    try:
        pack = Pack(profile, dict(config), as_of)
    except ValueError as error:
        raise Refusal([("--policy-config", line) for line in str(error).splitlines()]) from error
    return PackAnalyzer(pack, pack.name, pack.version)


def profile_of(config: Mapping[str, Any], wanted: str | None) -> str:
    """Makes the profile of a stack: what --profile says, else what the stack says of itself, else dev.

    >>> profile_of({"kubeml:environment": "prod"}, None), profile_of({}, "staging"), profile_of({}, None)
    ('prod', 'staging', 'dev')
    """
    profile = wanted or config.get(PROFILE_KEY) or PROFILES[0]
    if profile not in PROFILES:
        refuse(PROFILE_KEY, f"{profile!r} is no profile of the checks; there is {', '.join(PROFILES)}")
    return str(profile)


def paired(packs: Sequence[Path], configs: Sequence[Path]) -> tuple[list[tuple[Path, Path | None]], Path | None]:
    """Makes (pack, its configuration) for each pack, and the configuration of the built-in checks.

    >>> paired([], [Path("ours.json")])
    ([], PosixPath('ours.json'))
    >>> paired([Path("pack")], [Path("its.json")])
    ([(PosixPath('pack'), PosixPath('its.json'))], None)
    """
    if len(configs) > len(packs) + 1:
        refuse("--policy-config", f"{len(configs)} files for {len(packs)} packs and the built-in checks")
    files: list[Path | None] = [*configs, *([None] * (len(packs) + 1 - len(configs)))]
    return list(zip(packs, files[: len(packs)], strict=True)), files[len(packs)]


def read(path: Path | None) -> dict[str, Any]:
    """Reads the configuration of the built-in checks (JSON, or YAML, which holds JSON): check name -> level or settings."""
    if path is None:
        return {}
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        return refuse(str(path), f"is neither JSON nor YAML: {' '.join(str(error).split())}")
    if not isinstance(content, dict):
        refuse(str(path), "must be a mapping of checks to their level or settings")
    return content
