"""Runs whole Pulumi stacks offline."""
