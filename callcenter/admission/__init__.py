"""Who is let in: the blacklist, and floods from one number or trunk. See README.md."""
