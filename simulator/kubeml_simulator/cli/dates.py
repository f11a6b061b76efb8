"""The date that everything depending on one is judged by: the same commit always gives the same answer."""

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path


def as_of(directory: Path) -> date:
    """Finds the date of the head commit of `directory`; outside a repository SOURCE_DATE_EPOCH's, and last today's (UTC)."""
    command = ["git", "-C", str(directory), "log", "-1", "--format=%cs"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    if answer:
        return date.fromisoformat(answer)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdigit() else datetime.now(UTC).date()
