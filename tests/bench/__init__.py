"""The benchmarks behind `make bench`: each figure is a ratio taken in one run, so that it means the same on any machine."""
