"""Values of a graph as a reader may see them: secrets withheld, unknowns named.

A graph marks a secret by a signature (Pulumi's exchange format); its value never leaves this module. Free text, which is
not marked, is cleaned by a `Redactor` that has seen the same graph.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark of the format
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
WITHHELD = "[secret]"
LATER = "[known after up]"
# Shorter texts, and these, are too common to be told apart from what is no secret.
_SHORTEST = 3
_COMMON = frozenset({"true", "false", "null", "none"})
# pulumi-gcp marks these as secret; a label that is one is marked where the program gives it, too.
_REPEATED = frozenset({"effectiveLabels", "pulumiLabels"})


def shown(value: Any) -> Any:
    """Makes a copy of `value` that may be shown: `[secret]` for secrets, `[known after up]` for unknowns.

    >>> shown({"password": {SIGNATURE: SECRET, "value": "hunter2"}, "port": 80, "arn": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"})
    {'password': '[secret]', 'port': 80, 'arn': '[known after up]'}
    """
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET or (value.get(SIGNATURE) == OUTPUT and value.get("secret")):
            return WITHHELD
        if value.get(SIGNATURE) == OUTPUT:
            return shown(value["value"]) if "value" in value else LATER
        return {str(key): shown(item) for key, item in value.items()}
    if isinstance(value, str):
        return LATER if value in UNKNOWNS else value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [shown(item) for item in value]
    return value


def withheld(value: Any) -> Any:
    """Makes a copy of a part of a graph in which every secret is marked as one but has no value any more.

    >>> withheld([{SIGNATURE: SECRET, "value": "hunter2"}, 80]) == [{SIGNATURE: SECRET, "ciphertext": ""}, 80]
    True
    """
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return {SIGNATURE: SECRET, "ciphertext": ""}
        return {key: withheld(item) for key, item in value.items()}
    return [withheld(item) for item in value] if isinstance(value, list) else value


class Redactor:
    """Withholds in free text every secret of the graphs that it has seen.

    >>> redactor = Redactor()
    >>> redactor.learn({"data": {SIGNATURE: SECRET, "value": {"token": "s3cr3t-token"}}})
    >>> redactor("the API refused s3cr3t-token")
    'the API refused [secret]'
    """

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def learn(self, value: Any) -> None:
        """Remembers every text inside a secret of `value`, a part of a graph."""
        self._walk(value, secret=False)

    def __call__(self, text: str) -> str:
        """Makes `text` without the secrets known so far; the longest first, for one may hold another."""
        for secret in sorted(self._secrets, key=lambda each: (-len(each), each)):
            text = text.replace(secret, WITHHELD)
        return text

    def _walk(self, value: Any, *, secret: bool) -> None:
        if isinstance(value, Mapping):
            marked = value.get(SIGNATURE)
            inside: Iterable[Any] = (item for key, item in value.items() if key not in {SIGNATURE, *_REPEATED})
            for item in inside:
                self._walk(item, secret=secret or marked == SECRET or (marked == OUTPUT and bool(value.get("secret"))))
        elif isinstance(value, str):
            if secret:
                self._keep(value)
        elif isinstance(value, Sequence) and not isinstance(value, bytes):
            for item in value:
                self._walk(item, secret=secret)
        elif secret and not isinstance(value, bool) and isinstance(value, int | float):
            self._keep(json.dumps(value))

    def _keep(self, text: str) -> None:
        for form in {text, text.strip(), json.dumps(text)[1:-1], repr(text)[1:-1]}:
            if len(form) >= _SHORTEST and form.lower() not in _COMMON and form not in UNKNOWNS:
                self._secrets.add(form)
