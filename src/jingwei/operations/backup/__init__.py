"""Backups of all three stores to one point in time, taken beside a running node."""
