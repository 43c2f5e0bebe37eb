"""Numbers that are never minted: brought in, listed, taken out."""
