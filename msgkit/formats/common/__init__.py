"""What the formats whose shape is not the values' own share: drafts of messages, keys, media, calls, order."""
