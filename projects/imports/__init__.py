"""Ledgers in Excel on their way into the projects: `services` has the steps, `run` writes, the others read."""
