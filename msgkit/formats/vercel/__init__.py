"""The AI SDK's two shapes: UIMessages, which applications keep, and ModelMessages, which models are called with."""
