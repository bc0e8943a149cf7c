"""The pages: the use cases for people, one module for each part of their journey."""
