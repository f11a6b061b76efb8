"""What the parts of a control plane know each other by: an authority made for one run, a server certificate, tokens, kubeconfigs."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = "127.0.0.1"
# user -> its groups; the first is who applies the stack
USERS: Mapping[str, str] = {
    "kubeml": "system:masters",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
    "kwok": "system:masters",
}
_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Credentials:
    """Files in one folder, readable by their owner only, and the token of each user."""

    folder: Path
    tokens: Mapping[str, str]

    @property
    def authority(self) -> Path:
        """The certificate that the server's is signed by."""
        return self.folder / "ca.crt"

    @property
    def certificate(self) -> Path:
        """The server's certificate."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """The server's key."""
        return self.folder / "server.key"

    @property
    def signing_key(self) -> Path:
        """The key that tokens of service accounts are signed with."""
        return self.folder / "service-account.key"

    @property
    def token_file(self) -> Path:
        """The users and their tokens, as kube-apiserver reads them."""
        return self.folder / "tokens.csv"

    def kubeconfig(self, user: str, port: int) -> Path:
        """Writes the kubeconfig of a user and gives its path."""
        cluster = {"server": f"https://{LOOPBACK}:{port}", "certificate-authority": str(self.authority)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "local",
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": user}}],
            "clusters": [{"name": "local", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self.tokens[user]}}],
        }
        return _written(self.folder / f"{user.rpartition(':')[2]}.kubeconfig", json.dumps(document).encode())


def make(folder: Path) -> Credentials:
    """Makes new credentials in `folder`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Credentials(folder, {user: secrets.token_hex(16) for user in USERS})
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubeml control plane")])
    own = _builder(issuer, issuer, authority.public_key())
    own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    own = own.add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False)
    own = own.add_extension(_usage(signs_certificates=True), critical=True)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK)), x509.DNSName("localhost")])
    leaf = _builder(subject, issuer, server.public_key()).add_extension(names, critical=False)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
    )
    leaf = leaf.add_extension(_usage(signs_certificates=False), critical=True)
    pem = serialization.Encoding.PEM
    _written(made.authority, own.sign(authority, hashes.SHA256()).public_bytes(pem))
    _written(made.certificate, leaf.sign(authority, hashes.SHA256()).public_bytes(pem))
    _written(made.key, _key_text(server))
    _written(made.signing_key, _key_text(ec.generate_private_key(ec.SECP256R1())))
    rows = [f'{made.tokens[user]},{user},{user},"{groups}"' for user, groups in USERS.items()]
    _written(made.token_file, "\n".join(rows).encode())
    return made


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key, x509.random_serial_number(), now - timedelta(minutes=5), now + _LIFETIME
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _written(path: Path, content: bytes) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    return path
