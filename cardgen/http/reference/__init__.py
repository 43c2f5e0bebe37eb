"""The API's own description: an OpenAPI document, and a page for people made of it."""
