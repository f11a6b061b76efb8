"""The form of Amazon resource names."""

import re

# Partition, service, region, account, resource.
ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws|)?:(.+)", re.DOTALL)
