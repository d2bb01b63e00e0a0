"""The guarded fetcher: makes every outbound request whose address somebody else chose.

A name is resolved once, its address checked, and that very address connected to. No redirects, no
proxies, no compression; the answer's size and the whole time are capped.
"""

from idp.foundation.fetch.failure import FetchError, Reason
from idp.foundation.fetch.fetcher import Fetched, Fetcher

__all__ = ["FetchError", "Fetched", "Fetcher", "Reason"]
