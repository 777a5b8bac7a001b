"""Existing engines that do msgkit's steps: each offers ``run``, with the options of :func:`msgkit.pipeline.run`."""
