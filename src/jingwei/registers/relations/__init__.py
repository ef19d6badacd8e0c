"""Relations between entities: declared, built after the registers, read by a page. Others import `service` only."""
