"""The page that takes orders: its form, its choices, the same order in words and over REST."""
