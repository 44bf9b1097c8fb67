"""The app: entries, tags and everything that reads and writes them."""
