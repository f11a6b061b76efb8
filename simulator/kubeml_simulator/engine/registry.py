"""Keeps the providers of a run: each provider resource with the provider that it configured."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.builtin import Builtin
from kubeml_simulator.engine.configured import Configured
from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.events import Resource
from kubeml_simulator.engine.goals import Goal
from kubeml_simulator.engine.host import InProcess, Provider, Providers
from kubeml_simulator.engine.urns import package_of, reference, split_reference, type_of

_NAMESPACE = uuid.UUID("6b7562e6-6d6c-5365-8e67-696e65707276")


@dataclass(slots=True)
class Registry:
    """Finds providers by reference, configures them, and names the default ones."""

    context: Context
    providers: Providers
    builtin: Builtin
    program: str
    _configured: dict[str, Configured] = field(default_factory=dict[str, Configured])
    _ids: dict[str, str] = field(default_factory=dict[str, str])
    _elsewhere: list[Resource] = field(default_factory=list[Resource])

    def __post_init__(self) -> None:
        self.builtin.learn = self.learn

    def learn(self, resources: list[Resource]) -> None:
        """Tells every provider in this process what another stack has made, those that come later too."""
        self._elsewhere += resources
        for made in self._configured.values():
            _teach(made, resources)

    def start(self, package: str) -> Provider:
        """Starts a provider of a package. Raises RefusalError where there is none."""
        return InProcess(self.builtin) if package == "pulumi" else self.providers.start(package)

    def new_id(self, urn: str, replaced: str = "") -> str:
        """Makes the id of a provider resource: the same in every run, another for a replacement."""
        return str(uuid.uuid5(_NAMESPACE, f"{urn}#{replaced}"))

    def unconfigured(self, urn: str) -> Configured:
        """Makes the provider of a provider resource, to check and compare its configuration."""
        made = Configured(self.start(package_of(type_of(urn))))
        made.handshake(str(self.context.root), self.program, self.providers.engine_address)
        return made

    def configure(self, made: Configured, urn: str, id_: str, inputs: wire.Properties) -> None:
        """Configures the provider of a provider resource; it is found by reference from then on."""
        made.configure(urn, id_, inputs)
        _teach(made, self._elsewhere)
        self._configured[reference(urn, id_)] = made
        self._ids[urn] = id_

    def current(self, given: str) -> str:
        """The reference of a provider as it is now, of the one that the program holds. Raises KeyError."""
        urn, _ = split_reference(given)
        return reference(urn, self._ids[urn])

    def get(self, given: str) -> Configured:
        """The configured provider of a reference."""
        return self._configured[given]

    def ensure(self, given: str) -> Configured:
        """The provider of an old resource, configured as the last state says unless this run configured it."""
        if given not in self._configured:
            urn, id_ = split_reference(given)
            kept = self._old(urn, id_)
            made = self.unconfigured(urn)
            made.configure(urn, id_, kept.get("inputs") or {})
            self._configured[given] = made
        return self._configured[given]

    def _old(self, urn: str, id_: str) -> Resource:
        journal = self.context.journal
        for resource in journal.olds:
            if resource["urn"] == urn and resource.get("id") == id_:
                return resource
        return journal.news.get(urn) or {}

    def default_goal(self, package: str, version: str) -> Goal:
        """Makes the goal of a package's default provider: the stack's configuration of that namespace.

        Its name is `default`, or `default_1_2_3` where the program asks for a version; structured values are JSON text.
        """
        inputs: dict[str, Any] = {}
        for key, value in self.context.config.items():
            namespace, _, name = key.partition(":")
            if namespace == package:
                inputs[name] = _text(value)
        if version:
            inputs["version"] = version
        suffix = version.replace(".", "_").replace("+", "_").replace("-", "_")
        return Goal(
            type=f"pulumi:providers:{package}",
            name=f"default_{suffix}" if suffix else "default",
            custom=True,
            inputs=inputs,
        )


def _teach(made: Configured, resources: list[Resource]) -> None:
    learn = getattr(made.hooks, "learn_graph", None)
    if learn is not None and resources:
        learn(resources)


def _text(value: Any) -> Any:
    if wire.is_secret(value):
        return wire.secret(_text(value["value"]))
    return value if isinstance(value, str) else json.dumps(wire.reveal(value), separators=(",", ":"))
