"""Files whose text is wrapped in something: compressed, or rows in a format of their own. What comes out is plain text.

The plain text is a derivation like any other. It is made from the raw file into scratch space, and the check and the
conversion read it as if it had been uploaded.
"""

from include.conversion.containers.limits import DEFAULT_LIMITS, NO_LIMITS, Limits
from include.conversion.containers.unpacked import Unpacked
from include.conversion.containers.unpacking import container_of, unpack

__all__ = ["DEFAULT_LIMITS", "NO_LIMITS", "Limits", "Unpacked", "container_of", "unpack"]
