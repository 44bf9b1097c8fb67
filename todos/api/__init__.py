"""The HTTP door: it reads requests, calls what lies below, and words the answers."""
