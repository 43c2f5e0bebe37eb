"""What a card is: plain Python, NumPy and AES; no Django, no clock, no global random."""
