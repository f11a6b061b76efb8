"""Makes `models.json` from the service models of an installed botocore: `python -m kubeml_simulator.clouds.aws.generate`."""

import json
import re
from pathlib import Path
from typing import Any

from .models import FILE
from .tables import rows

LIMITS = ("enum", "min", "max", "pattern")


def generate() -> dict[str, Any]:
    """The content of `models.json` from the installed botocore."""
    import botocore
    import botocore.loaders

    loader = botocore.loaders.Loader()
    wanted: dict[str, set[str]] = {}
    for row in rows("models.tsv"):
        wanted.setdefault(row["service"], set()).add(row["shape"])
    found: dict[str, Any] = {}
    for service, names in sorted(wanted.items()):
        release = loader.determine_latest_version(service, "service-2")
        model = loader.load_service_model(service, "service-2")["shapes"]
        for name in sorted(names):
            limits = {key: model[name][key] for key in LIMITS if key in model[name]}
            if "pattern" in limits and not _compiles(limits["pattern"]):
                del limits["pattern"]
            source = f"boto/botocore botocore/data/{service}/{release}/service-2.json, shape {name}"
            found[f"{service}.{name}"] = {"type": model[name]["type"], **limits, "source": source}
    return {"source": f"botocore {botocore.__version__}", "shapes": found}


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def main() -> None:
    """Writes `models.json` anew."""
    target = Path(__file__).with_name(FILE)
    target.write_text(json.dumps(generate(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
