"""
What msgkit does, as short functions that join the layers below.

A *payload* is what people have: a request body, a bare list of messages, a Batch line, as dicts and lists, or what
an SDK hands back (an object with ``to_dict()`` or ``model_dump()``). Functions never change what they are given.
Each module is imported when it is needed.
"""
