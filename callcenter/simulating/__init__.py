"""`hotline simulate`: which calls are played, and what is said of them."""
