"""What every answer shares: errors, health, OpenAPI, the JSON parser."""
