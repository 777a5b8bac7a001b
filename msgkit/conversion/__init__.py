"""Conversions between formats: translate, prove what was lost, restore, project."""
