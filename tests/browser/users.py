"""Who looks at the page."""

ADMIN = "admin"
VIEWER = "viewer"
# Has every right on DAGs, but for the shop's.
STRANGER = "stranger"
KEPT_FROM_STRANGERS = frozenset({"shop_live"})
# Can log in, and that is all.
NOBODY = "nobody"
