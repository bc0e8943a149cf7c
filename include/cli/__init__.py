"""The command line: check and convert local files, upload through the API."""
