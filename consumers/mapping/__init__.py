"""From the records of other systems to canonical events, by configuration (docs/mapping.md)."""
