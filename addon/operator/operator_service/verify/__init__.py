"""Checks that need nothing but the municipality's root key: a home's exported log, and the files of a console."""
