"""Makes `models.json` from the discovery documents of an installed google-api-python-client: `python -m kubeml_simulator.clouds.gcp.generate`."""

import json
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from .models import FILE
from .tables import rows

LIMITS = ("enum", "pattern")
DOCUMENTS = "googleapiclient.discovery_cache.documents"


def generate() -> dict[str, Any]:
    """The content of `models.json` from the installed documents."""
    wanted: dict[str, set[str]] = {}
    for row in rows("models.tsv"):
        wanted.setdefault(row["service"], set()).add(row["shape"])
    found: dict[str, Any] = {}
    for service, names in sorted(wanted.items()):
        document = json.loads((files(DOCUMENTS) / f"{service}.json").read_text(encoding="utf-8"))
        for name in sorted(names):
            schema, _, field = name.partition(".")
            published = document["schemas"][schema]["properties"][field]
            published = published.get("items", published) if published["type"] == "array" else published
            limits = {key: published[key] for key in LIMITS if key in published}
            if "pattern" in limits:
                re.compile(limits["pattern"])
            source = f"{service} revision {document['revision']}, schema {schema}, field {field}"
            found[f"{service}.{name}"] = {"type": published["type"], **limits, "source": source}
    return {"source": f"google-api-python-client {version('google-api-python-client')}", "shapes": found}


def main() -> None:
    """Writes `models.json` anew."""
    target = Path(__file__).with_name(FILE)
    target.write_text(json.dumps(generate(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
