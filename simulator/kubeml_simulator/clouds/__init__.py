"""Simulated cloud providers."""
