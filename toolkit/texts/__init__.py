"""Texts as programs write them, and what they say once their escapes are undone."""
