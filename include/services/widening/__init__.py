"""Making a table wider: its older partitions are derived again from raw, and flipped to at once."""
