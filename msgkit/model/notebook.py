"""What notebooks show of values: asked of the layer far above, when it is asked at all."""


class NotebookRepr:
    """A value that notebooks show as HTML: messages, pictures, players, issues."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Return HTML for a notebook; None, so that the plain text is shown, without jinja2 (``msgkit-llm[view]``)."""
        from msgkit import html

        return html.html(self)
