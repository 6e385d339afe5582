"""The hotline's HTTP side: health, metrics, the API and the live page."""
