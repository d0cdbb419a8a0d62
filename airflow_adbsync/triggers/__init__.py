"""One trigger a file. A trigger's arguments are stored as they are, in clear: connection ids, never secrets.

The engine's modules that talk to servers are imported in a thread, when the trigger runs: the first import
takes longer than the triggerer's event loop may be held up.
"""
