"""`python -m kubeml_simulator.kubernetes.control_plane build` makes the programs; `run` starts a control plane until it is interrupted.

`build` ends with code 3 where they cannot be built, and says what is missing.
"""

import signal
import sys
from contextlib import suppress

from kubeml_simulator.kubernetes.control_plane import ControlPlane, ControlPlaneError, binaries


def main(arguments: list[str]) -> int:
    """Does what is asked and gives the exit code."""
    try:
        match arguments:
            case ["build"]:
                print(binaries.build(lambda text: print(text, flush=True)))
            case ["run"]:
                with ControlPlane() as plane, suppress(KeyboardInterrupt):
                    print(f"ready after {plane.seconds:.1f} s; export KUBECONFIG={plane.kubeconfig}", flush=True)
                    signal.signal(signal.SIGTERM, signal.default_int_handler)
                    signal.pause()
            case _:
                print("usage: python -m kubeml_simulator.kubernetes.control_plane build|run", file=sys.stderr)
                return 2
    except ControlPlaneError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
