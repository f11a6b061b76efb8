"""Which provider of a cloud a component was given: functions that are called before the component exists must ask the same one."""

from collections.abc import Mapping

import pulumi


def invoke_options(package: str, opts: pulumi.ResourceOptions | None) -> pulumi.InvokeOptions:
    """Make the options with which a cloud is asked before a component exists: those of the component's own provider."""
    if opts is None:
        return pulumi.InvokeOptions()
    given = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or ()
    every = [given] if isinstance(given, pulumi.ProviderResource) else list(given)
    provider = next((each for each in [opts.provider, *every] if each is not None and each.package == package), None)
    return pulumi.InvokeOptions(parent=opts.parent, provider=provider)
