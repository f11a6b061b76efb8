"""Talks to an API server: JSON over HTTPS with a token, nothing but the standard library.

Connections are kept, one a thread. An answer that is an error is raised with the API server's own words.
"""

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

FIELD_MANAGER = "kubeml"
_SECONDS = 30.0
Object = dict[str, Any]


class ApiError(Exception):
    """What the API server answers when it does not do something; the text is its own."""

    def __init__(self, code: int, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class UnreachableError(ApiError):
    """The API server did not answer."""

    def __init__(self, message: str) -> None:
        super().__init__(0, f"the API server did not answer: {message}", "Unreachable")


@dataclass(frozen=True)
class Served:
    """A kind as the API server serves it: the path of its group and version, the plural, and whether it has namespaces."""

    base: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Makes the path of the collection, of an object, or of a part of one.

        >>> Served("/apis/apps/v1", "deployments", namespaced=True).path("research", "chat", "status")
        '/apis/apps/v1/namespaces/research/deployments/chat/status'
        """
        steps = [self.base.strip("/")]
        steps += ["namespaces", namespace] if self.namespaced and namespace else []
        steps += [each for each in (self.plural, name, subresource) if each]
        return "/" + "/".join(quote(step, safe="/:") for step in steps)


class Client:
    """One user of one API server.

    Args:
        address: host and port.
        token: the user's.
        authority: the file of the certificate that signed the server's.
    """

    def __init__(self, address: tuple[str, int], token: str, authority: Path) -> None:
        self.address = address
        self._token = token
        self._trust = ssl.create_default_context(cafile=str(authority))
        self._own = threading.local()
        self._all: list[HTTPSConnection] = []
        self._kinds: dict[tuple[str, str], Served] = {}

    # Objects.

    def apply(
        self, manifest: Mapping[str, Any], *, manager: str = FIELD_MANAGER, subresource: str = "", strict: bool = True
    ) -> Object:
        """Applies an object on the server's side, so that it is made or changed to what the manifest says.

        `strict` refuses fields that the kind does not have. A field that another manager holds is taken over.
        """
        metadata: Mapping[str, Any] = manifest["metadata"]
        kind = self.kind(manifest["apiVersion"], manifest["kind"])
        path = kind.path(metadata.get("namespace") or "", metadata["name"], subresource)
        validation = "Strict" if strict else "Ignore"
        query = urlencode({"fieldManager": manager, "force": "true", "fieldValidation": validation})
        return self.request("PATCH", f"{path}?{query}", manifest, "application/apply-patch+yaml")

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """Makes an object that is not there yet; its name may be generated."""
        kind = self.kind(manifest["apiVersion"], manifest["kind"])
        path = kind.path(manifest["metadata"].get("namespace") or "")
        return self.request("POST", f"{path}?fieldManager={FIELD_MANAGER}", manifest)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """Reads an object, None where there is none."""
        try:
            return self.request("GET", self.kind(api_version, kind).path(namespace, name))
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str = "", **query: str) -> list[Object]:
        """Reads all objects of a kind, of one namespace or of all."""
        path = self.kind(api_version, kind).path(namespace)
        return self.request("GET", f"{path}?{urlencode(query)}").get("items") or []

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        """Deletes an object and, in the background, what it owns; one that is gone already is no error."""
        try:
            path = self.kind(api_version, kind).path(namespace, name)
            self.request("DELETE", f"{path}?propagationPolicy=Background")
        except ApiError as error:
            if error.code != 404:
                raise

    def kind(self, api_version: str, kind: str) -> Served:
        """Finds how a kind is served; asks again for one that was not known, for definitions may have come since."""
        key = (api_version, kind)
        if key not in self._kinds:
            self._kinds.update(self._discover(api_version))
        if key not in self._kinds:
            raise ApiError(404, f'no matches for kind "{kind}" in version "{api_version}"', "NoKindMatch")
        return self._kinds[key]

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether the API server has the kind by now."""
        try:
            self.kind(api_version, kind)
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return True

    def _discover(self, api_version: str) -> Iterator[tuple[tuple[str, str], Served]]:
        base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            listed = self.request("GET", base)["resources"]
        except ApiError as error:
            if error.code != 404:
                raise
            return
        for row in listed:
            if "/" not in row["name"]:
                yield (api_version, row["kind"]), Served(base, row["name"], row["namespaced"])

    # The wire.

    def request(self, method: str, path: str, body: Any = None, media: str = "application/json") -> Object:
        """Does one request and gives the document that was answered; raises ApiError."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", "Content-Type": media}
        code, text = self._answer(method, path, content, headers)
        try:
            document = json.loads(text) if text else {}
        except ValueError:
            document = {"message": text.decode(errors="replace").strip()}
        if code >= 400:
            told = cast("Object", document if isinstance(document, dict) else {"message": str(document)})
            raise ApiError(code, str(told.get("message") or f"HTTP {code}"), str(told.get("reason") or ""))
        return document

    def ready(self) -> bool:
        """Whether the server says that it is ready."""
        try:
            return self._answer("GET", "/readyz", None, {"Authorization": f"Bearer {self._token}"})[0] == 200
        except UnreachableError:
            return False

    def _answer(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        kept = getattr(self._own, "connection", None)
        for connection in (kept, None) if kept else (None,):
            using = connection or self._connected()
            try:
                using.request(method, path, content, dict(headers))
                response = using.getresponse()
                return response.status, response.read()
            except (OSError, HTTPException) as error:
                using.close()
                self._own.connection = None
                if connection is None:
                    raise UnreachableError(str(error) or type(error).__name__) from error
        raise AssertionError  # the last connection either answers or raises

    def _connected(self) -> HTTPSConnection:
        connection = HTTPSConnection(*self.address, timeout=_SECONDS, context=self._trust)
        self._own.connection = connection
        self._all.append(connection)
        return connection

    def close(self) -> None:
        """Ends all connections."""
        for connection in self._all:
            connection.close()
        self._all.clear()
