"""Stack files: read, checked as a whole, and turned into components."""
