"""Use cases: what the service does, one verb a function, over the ports."""
