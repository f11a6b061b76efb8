"""Checks over a graph of resources."""
