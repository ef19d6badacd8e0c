"""What the tables are worth: judged rows, scores, profiles."""
