"""Plays a hotline's calls through its own routing."""
