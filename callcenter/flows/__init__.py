"""Flows as they go live: reviewed, published, taken up between two calls, and taken back."""
