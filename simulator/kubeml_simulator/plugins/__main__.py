"""`python -m kubeml_simulator.plugins NAME`: a simulated provider as a plugin process."""

import sys

from kubeml_simulator.plugins.server import main

sys.exit(main(sys.argv[1:]))
