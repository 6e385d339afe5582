"""The commands of `hotline`, one module per topic; each has `add(app)`."""


class Fault(Exception):
    """What stops a command: one clear line for the person at the terminal, exit code 1."""
