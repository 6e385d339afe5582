"""The hotline itself: composes seats, flows, speech and reports round a real Asterisk."""
