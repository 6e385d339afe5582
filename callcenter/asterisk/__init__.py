"""The wire to Asterisk: AMI and AGI, their protocols and their sockets."""
