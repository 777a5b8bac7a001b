"""The values: roles, authors, messages, conversations, content parts, tool calls, media."""
