"""
Rules read values and report; they open nothing.

``run`` checks one loaded row. The table of codes explains each; ``fix`` mends what can be mended without loss.

>>> CODES["audio-data-url"].severity, CODES["audio-data-url"].fixable
('error', True)
"""

from msgkit.rules.codes import CODES, FAMILIES, Code, told
from msgkit.rules.fixes import fix
from msgkit.rules.repairs import UNSAFE
from msgkit.rules.runner import run, unloaded
from msgkit.rules.survey import Sign, survey

__all__ = ["CODES", "FAMILIES", "UNSAFE", "Code", "Sign", "fix", "run", "survey", "told", "unloaded"]
