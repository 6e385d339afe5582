"""Set-up from nothing: Debian packages, Python packages, Asterisk. Standard library only."""
