"""What callers and seats hear: texts, the audio made from them, and the tools that make and check
it.
"""
