"""The outside: settings, URLs, access, embedded servers. Wires everything, decides nothing."""
