"""Numbers that must never be minted: imported, listed, removed."""
