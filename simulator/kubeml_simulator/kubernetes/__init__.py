"""The simulated Kubernetes provider: checks like an API server, remembers what exists, and knows what a change would do.

>>> KubernetesProvider().version in {"1.37", "1.38", "1.39"}
True
"""

from kubeml_simulator.kubernetes.provider import KubernetesProvider

__all__ = ["KubernetesProvider"]
