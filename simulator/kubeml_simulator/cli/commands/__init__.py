"""The commands of `kubeml`, a file for each family."""
