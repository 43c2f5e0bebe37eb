"""Layer 5: a cache. Only a hint: wiped, cold, lying or absent, all answers stay right.

`answers` remembers issued numbers, `shared` keeps what is costly to compute, `connections` gives
the client of the cache server.
"""
