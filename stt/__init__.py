"""Speech to text: recordings in, timed words and turns out."""
