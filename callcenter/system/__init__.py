"""Trunks, nodes and what they need, as the pages show them."""
