"""JSON text <-> dicts, strictly: fast or explained, limits, equality, edits by path, base64 in a side table."""
