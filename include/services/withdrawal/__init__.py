"""Withdrawing: a published upload is taken out again, everywhere but in raw_history."""
