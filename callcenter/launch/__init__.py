"""The whole hotline on one machine: what `make run` starts, watches and stops."""
