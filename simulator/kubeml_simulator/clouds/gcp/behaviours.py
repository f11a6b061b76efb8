"""Where the service modules register what single types do beyond their rows; importing this package's `services` fills it."""

from kubeml_simulator.clouds.common import Behaviours

from .case import Case

BEHAVIOURS: Behaviours[Case] = Behaviours()
checks = BEHAVIOURS.checks
computes = BEHAVIOURS.computes
removals = BEHAVIOURS.removals
