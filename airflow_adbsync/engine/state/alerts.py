"""``adbsync.alert``: what is wrong at present; a row is there for as long as it lasts."""

from __future__ import annotations

# Whoever gets a row back has to tell; two who look at the same moment do not both.
BEGIN = """
    INSERT INTO adbsync.alert (sync_id, kind, message) VALUES (%(sync_id)s, %(kind)s, %(message)s)
    ON CONFLICT (sync_id, kind) DO NOTHING
    RETURNING kind, message
"""
END = """
    DELETE FROM adbsync.alert WHERE sync_id = %(sync_id)s AND kind = %(kind)s
    RETURNING kind, message
"""
CURRENT = "SELECT kind FROM adbsync.alert WHERE sync_id = %(sync_id)s"
