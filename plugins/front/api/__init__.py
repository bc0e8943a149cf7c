"""The JSON API: the use cases for programs, described by OpenAPI, its errors by RFC 9457."""
