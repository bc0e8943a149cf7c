"""Housekeeping: taking away what nothing needs any more, never what is under way."""
