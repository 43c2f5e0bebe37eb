"""Whatever may happen to numbers, in any order, beside a plain model: docs/uniqueness-proof.md."""
