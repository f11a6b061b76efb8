"""Encrypts and decrypts secrets with a passphrase the way Pulumi does.

The scheme (pulumi/pulumi, pkg/secrets/passphrase and sdk/go/common/resource/config/crypt.go, 2026-09): a key of 32 bytes by
PBKDF2 with SHA-256, a million rounds and a salt of 8 bytes; AES-256-GCM with a nonce of 12 bytes; text as
`v1:NONCE:CIPHERTEXT` in base64. A salt is written `v1:SALT:` and, after it, the word "pulumi" encrypted, as a check.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ROUNDS = 1_000_000
_PROOF = "pulumi"


class WrongPassphraseError(Exception):
    """The passphrase is not the one that the secrets were encrypted with, or the text is no ciphertext."""


@dataclass(slots=True)
class Crypter:
    """A passphrase with its salt; the key is derived when it is needed first, once a process (half a second)."""

    passphrase: str = field(repr=False)
    salt: bytes
    _key: AESGCM | None = field(default=None, repr=False)

    @classmethod
    def new(cls, passphrase: str) -> Self:
        """Makes one with a new salt."""
        return cls(passphrase, os.urandom(8))

    @classmethod
    def of(cls, passphrase: str, state: str) -> Self:
        """Makes one of a written salt. Raises WrongPassphraseError where the passphrase is another."""
        version, salt, proof = [*state.split(":", 2), "", ""][:3]
        if version != "v1" or not proof:
            raise WrongPassphraseError("the salt does not read v1:SALT:v1:NONCE:CIPHERTEXT")
        made = cls(passphrase, _bytes(salt))
        if made.decrypt(proof) != _PROOF:
            raise WrongPassphraseError("the passphrase is another")
        return made

    @property
    def state(self) -> str:
        """The salt as it is written."""
        return f"v1:{_text(self.salt)}:{self.encrypt(_PROOF)}"

    def _cipher(self) -> AESGCM:
        if self._key is None:
            self._key = AESGCM(_derived(self.passphrase, self.salt))
        return self._key

    def encrypt(self, text: str) -> str:
        """Makes the ciphertext of a text."""
        nonce = os.urandom(12)
        return f"v1:{_text(nonce)}:{_text(self._cipher().encrypt(nonce, text.encode(), None))}"

    def decrypt(self, text: str) -> str:
        """Makes the text of a ciphertext. Raises WrongPassphraseError."""
        parts = text.split(":")
        if len(parts) != 3 or parts[0] != "v1":
            raise WrongPassphraseError("the ciphertext does not read v1:NONCE:CIPHERTEXT")
        try:
            return self._cipher().decrypt(_bytes(parts[1]), _bytes(parts[2]), None).decode()
        except InvalidTag as error:
            raise WrongPassphraseError("the passphrase is another, or the ciphertext was changed") from error


@lru_cache(maxsize=16)
def _derived(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS, 32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise WrongPassphraseError("the ciphertext is not base64") from error
