"""Who may answer a call: seats and their states, routing, hours, places, live state."""
