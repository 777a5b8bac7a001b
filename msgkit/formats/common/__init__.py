"""
What the formats share. To read or write one, begin with the first two.

- ``builder``: messages made of a body, with their marks and places; ``capabilities``: what a format has a place for.
- Keys: ``keys`` beside the messages and on them, masks of the loss in training among them.
- Messages: ``passthrough`` for those near to the values' own shape; ``block_messages`` and ``blocks`` for
  those of blocks, which join and split messages, with reasoning as signed blocks; ``channels`` for Harmony's.
- Calls: ``calls``, their arguments, and which result answers which.
- Media: ``media`` in parts; ``columns`` beside the messages, ``placeholders`` for their entries.
- Conversion: ``rewording`` says what another format's words mean, ``cut`` and ``cut_values`` leave out what has no
  place.
- Detection: ``sniff``.
"""
