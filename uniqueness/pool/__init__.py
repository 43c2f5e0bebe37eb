"""Layer 3: spans of slots, set aside, used up or free again."""
