"""Jobs, chunks and cards against each other: what `validate_uniqueness` does; changes nothing."""
