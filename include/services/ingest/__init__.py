"""Ingestion: one stage a module, each safe to run again, in the order check, convert, settle, validate, publish."""
