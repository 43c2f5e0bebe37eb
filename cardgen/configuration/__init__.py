"""Settings as they are read: the environment, parsed and checked."""
