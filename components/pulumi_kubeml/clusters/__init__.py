"""Managed clusters: one contract, one folder a cloud, loaded when that cloud is used."""
