"""The inbox: notices to organizations, and the calendar of working days that deadlines are counted in."""
