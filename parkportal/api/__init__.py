"""REST: who may, how lists are cut into pages, how errors are said, and the formats; named in settings.

The views of resources build on `parkportal.api.resources`, which is not imported here: the REST framework reads the
names below while it is being imported itself.
"""

from parkportal.api.access import MayRead, TokenAuthentication
from parkportal.api.cursor import SteadyCursor
from parkportal.api.errors import explain
from parkportal.api.parsers import JSONParser
from parkportal.api.renderers import CSVRenderer, JSONRenderer, NDJSONRenderer, XLSXRenderer

__all__ = [
    "CSVRenderer",
    "JSONParser",
    "JSONRenderer",
    "MayRead",
    "NDJSONRenderer",
    "SteadyCursor",
    "TokenAuthentication",
    "XLSXRenderer",
    "explain",
]
