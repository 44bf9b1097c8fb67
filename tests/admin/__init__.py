"""Tests of the admin: one behavior a file."""
