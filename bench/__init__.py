"""Compares the conversion with the tools people would use instead: time, memory, size and correctness."""
