"""What a card is: issuer ranges, the catalogue, and the pure kernel below them."""
