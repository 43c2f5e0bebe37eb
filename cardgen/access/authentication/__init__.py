"""Who asks: by an API key, in a head, over a socket."""
