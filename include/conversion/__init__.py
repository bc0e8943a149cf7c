"""Text to typed Parquet: reading files, measuring evidence, writing what was decided."""
