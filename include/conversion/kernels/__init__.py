"""Loops over bytes, compiled by numba on first use: where fields are, what their texts are, and buffers for Arrow.

They hold no lock of the interpreter, so that ranges are worked on side by side in threads. With NUMBA_DISABLE_JIT=1
they run as plain Python, to be stepped through and fuzzed: numbers are made `np.int64` wherever the two would differ.
"""
