"""Matching of records that lack a valid identifier: features, blocking, Splink's model, calibration."""
