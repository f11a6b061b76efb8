"""Capacity arithmetic: quantities, what a node can give, what fits where, and quotas against pools.

Plain data and plain Python: nothing here imports pulumi, a cloud SDK or pydantic. The same functions serve the stack
models, the policy pack, the preview and the simulator, so that they cannot disagree.
"""
