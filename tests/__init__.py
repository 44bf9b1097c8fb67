"""The tests: they mirror the source; API tests are one file a behavior."""
