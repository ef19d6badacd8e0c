"""The catalog for others: DCAT-AP 3 as Turtle and JSON-LD, and CKAN's read API."""
