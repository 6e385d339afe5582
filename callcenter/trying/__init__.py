"""`hotline try` behind its command: the pretended situation, what one may say, what is shown."""
