"""Reads and writes a stack's state in Pulumi's deployment format (version 3); secrets are encrypted, never clear."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.crypto import Crypter, WrongPassphraseError
from kubeml_simulator.engine.events import Problem, ProjectError, Resource
from kubeml_simulator.engine.project import passphrase
from kubeml_simulator.engine.urns import STACK, Urn, type_of


@dataclass(slots=True)
class StateFile:
    """A stack's state under `root`: `<root>/<stack>/state.json`.

    Secrets are encrypted with the passphrase of the environment, else with one made for this folder and kept in
    `<root>/passphrase`, readable by its owner only; `pulumi stack import` reads the file with the same passphrase. A new
    state takes its salt from `fallback`, the stack file's, where there is one.
    """

    root: Path
    stack: str
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    crypter: Crypter | None = None
    fallback: Crypter | None = None
    _salt: str = ""
    _ciphertexts: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def path(self) -> Path:
        """Where the state is."""
        return self.root / self.stack / "state.json"

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keeps other runs of the stack away while one changes it. Raises ProjectError where one is under way."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (self.path.parent / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ProjectError(
                    [Problem(str(self.path), "another run is changing this stack: wait for it")]
                ) from error
            yield

    def load(self) -> tuple[list[Resource], list[Resource]]:
        """Reads the resources, secrets decrypted, and the operations that were under way. Raises ProjectError."""
        if not self.path.exists():
            return [], []
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            deployment = data["deployment"]
            version = data["version"]
            resources: list[Resource] = deployment.get("resources") or []
        except UnicodeDecodeError as error:
            raise ProjectError(
                [Problem(str(self.path), "is no deployment in Pulumi's format: it is not text")]
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProjectError([Problem(str(self.path), f"is no deployment in Pulumi's format: {error!r}")]) from error
        if version != 3:
            raise ProjectError([Problem(f"{self.path}  version", f"is {version}; the evaluator reads version 3")])
        if problems := list(_malformed(resources)):
            raise ProjectError([Problem(f"{self.path}  {where}", message) for where, message in problems])
        self._salt = ((deployment.get("secrets_providers") or {}).get("state") or {}).get("salt") or ""
        opened = [self._open(resource) for resource in resources]
        return opened, deployment.get("pending_operations") or []

    def _phrase(self) -> str:
        given = passphrase(self.environment)
        if given is not None:
            return given
        file = self.root / "passphrase"
        if not file.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.write(secrets.token_urlsafe(32))
        return file.read_text(encoding="utf-8").strip()

    def _open(self, value: Any) -> Any:
        if isinstance(value, dict):
            if value.get(wire.SIGNATURE) == wire.SECRET and "ciphertext" in value:
                return wire.secret(self._decrypt(value["ciphertext"]))
            return {key: self._open(item) for key, item in value.items()}
        return [self._open(item) for item in value] if isinstance(value, list) else value

    def _decrypt(self, ciphertext: str) -> Any:
        try:
            if self.crypter is None:
                self.crypter = Crypter.of(self._phrase(), self._salt)
            text = self.crypter.decrypt(ciphertext)
        except WrongPassphraseError as error:
            advice = "set PULUMI_CONFIG_PASSPHRASE to the one it was written with"
            raise ProjectError([Problem(str(self.path), f"its secrets cannot be read, {error}: {advice}")]) from error
        self._ciphertexts[_digest(text)] = ciphertext
        return json.loads(text)

    def _seal(self, value: Any) -> Any:
        if isinstance(value, dict):
            if value.get(wire.SIGNATURE) == wire.SECRET:
                return {wire.SIGNATURE: wire.SECRET, "ciphertext": self._encrypt(value.get("value"))}
            return {key: self._seal(item) for key, item in value.items()}
        return [self._seal(item) for item in value] if isinstance(value, list) else value

    def _encrypt(self, value: Any) -> str:
        text = json.dumps(wire.reveal(value), sort_keys=True, separators=(",", ":"))
        if self.crypter is None:
            if self._salt:
                self.crypter = Crypter.of(self._phrase(), self._salt)
            else:
                self.crypter = self.fallback or Crypter.new(self._phrase())
        key = _digest(text)
        if key not in self._ciphertexts:
            self._ciphertexts[key] = self.crypter.encrypt(text)
        return self._ciphertexts[key]

    def save(self, resources: list[Resource], pending: list[Resource]) -> None:
        """Writes the state, whole or not at all."""
        deployment: dict[str, Any] = {
            "manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""},
            "secrets_providers": None,
            "resources": self._seal(resources),
        }
        if pending:
            deployment["pending_operations"] = self._seal(pending)
        if self.crypter is not None:
            self._salt = self._salt or self.crypter.state
            deployment["secrets_providers"] = {"type": "passphrase", "state": {"salt": self._salt}}
        else:
            del deployment["secrets_providers"]
        write(self.path, json.dumps({"version": 3, "deployment": deployment}, indent=1) + "\n")

    def of(self, name: str) -> list[Resource]:
        """The resources of another stack with its state under the same root, by ORGANIZATION/PROJECT/STACK.

        Raises LookupError with what is wrong.
        """
        parts = name.split("/")
        other = StateFile(self.root, parts[-1], self.environment)
        project = parts[-2] if len(parts) > 1 else ""
        if not other.path.exists():
            raise LookupError(f'the stack "{name}" has no state: {other.path} does not exist; bring it up first')
        found = other.load()[0]
        for resource in found:
            if type_of(resource["urn"]) == STACK:
                actual = Urn.parse(resource["urn"]).project
                if project and project != actual:
                    raise LookupError(f'the stack "{name}" is not in {other.path}: that one belongs to "{actual}"')
        return found


def _malformed(resources: Any) -> Iterator[tuple[str, str]]:
    """Yields what is no resource in a deployment's resources: where it is, and what it lacks.

    >>> list(_malformed([{"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack"}, {"urn": 5}]))
    [('resources[1]', 'is no resource: its "urn" must be a URN')]
    """
    if not isinstance(resources, list):
        yield "resources", "must be a list"
        return
    for index, each in enumerate(cast("list[Any]", resources)):
        where = f"resources[{index}]"
        if not isinstance(each, dict):
            yield where, "is no resource: it must be a mapping"
        elif not isinstance(urn := cast("dict[str, Any]", each).get("urn"), str) or urn.count("::") < 3:
            yield where, 'is no resource: its "urn" must be a URN'
        elif not isinstance(each.get("type"), str):
            yield where, 'is no resource: its "type" must be text'


def write(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
