"""Media references of a body <-> base64 parts."""
