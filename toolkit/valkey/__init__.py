"""Connections to Valkey: one server, Sentinel or a cluster, and a pause when it is away."""
