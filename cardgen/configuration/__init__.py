"""The environment: settings parsed and checked."""
