"""The demo: simulated lawyers and citizens with telephones of their own."""
