"""Requests to hosts that users name: which may be asked, over which address, and how much is read of an answer."""
