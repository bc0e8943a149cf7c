"""One program for each family of tools, run as a process of its own; imports nothing that its tool does not need."""
