"""
Rules read values and report; they open nothing.

``run`` checks one loaded row. The table of codes explains each; ``fix`` mends what can be mended without loss.

>>> CODES["audio-data-url"].severity, CODES["audio-data-url"].fixable
('error', True)
"""

from msgkit.rules.codes import CODES, FAMILIES, Code, told
from msgkit.rules.fixes import fix
from msgkit.rules.prefilter import Sign, survey
from msgkit.rules.runner import run, unloaded
from msgkit.rules.unsafe_fixes import UNSAFE

__all__ = ["CODES", "FAMILIES", "UNSAFE", "Code", "Sign", "fix", "run", "survey", "told", "unloaded"]
