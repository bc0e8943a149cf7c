"""Repairs: what data engineers start by hand when ledger, catalogue or files no longer agree."""
