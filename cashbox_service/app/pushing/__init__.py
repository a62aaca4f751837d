"""Push notifications: who is told of what, messages written with their cause, and their delivery."""
