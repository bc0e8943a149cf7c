"""Promotion: making the Analytical Platform equal to what is published, table by table."""
