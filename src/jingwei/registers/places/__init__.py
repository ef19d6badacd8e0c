"""Places of a territory: what lies in what, and where an address is. Others import `service` only."""
