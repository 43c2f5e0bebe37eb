"""Tests of cardgen/upgrade."""
