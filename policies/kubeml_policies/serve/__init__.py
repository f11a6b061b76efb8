"""The pack as a CrossGuard analyzer, over Pulumi's own protocol."""
