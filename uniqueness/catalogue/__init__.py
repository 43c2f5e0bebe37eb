"""Schemes, IINs and published cards, over HTTP."""
