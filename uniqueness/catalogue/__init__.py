"""Schemes, published cards and IINs, over HTTP."""
