"""What a caller hears and presses, as data: flows, checks, the engine, scenarios, prompts."""
