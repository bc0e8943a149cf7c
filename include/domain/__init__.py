"""What the service is about, in plain Python: names, types, schemas, uploads, findings."""
