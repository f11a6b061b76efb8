"""Where a cluster is: account, region and partition, asked of the provider that makes the cluster."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class Account:
    """One account in one region."""

    id: pulumi.Output[str]
    caller: pulumi.Output[str]
    """ARN of whoever runs the program; of a session, where it is one."""
    region: pulumi.Output[str]
    partition: pulumi.Output[str]
    """ "aws", or that of another part of AWS ("aws-us-gov")."""
    dns_suffix: pulumi.Output[str]

    def cluster_arn(self, cluster_name: str) -> pulumi.Output[str]:
        """Make the ARN that a cluster of that name has, whether it exists yet or not: no role has to wait for it."""
        return pulumi.Output.concat(
            "arn:", self.partition, ":eks:", self.region, ":", self.id, ":cluster/", cluster_name
        )

    def managed_policy(self, name: str) -> pulumi.Output[str]:
        """Make the ARN of a policy that AWS keeps."""
        return pulumi.Output.concat("arn:", self.partition, ":iam::aws:policy/", name)


def account(parent: pulumi.Resource) -> Account:
    """Ask; the answers are known in a preview too."""
    opts = pulumi.InvokeOutputOptions(parent=parent)
    identity = aws.get_caller_identity_output(opts=opts)
    partition = aws.get_partition_output(opts=opts)
    return Account(
        id=identity.account_id,
        caller=identity.arn,
        region=aws.get_region_output(opts=opts).region,
        partition=partition.partition,
        dns_suffix=partition.dns_suffix,
    )
