"""Never to be minted: numbers brought in, listed, taken out."""
