"""Telling merchants what happened: what there is to tell, how a push message is written and signed, and how it is sent.

Nothing here knows the database or the rules of billing; when to tell, and whom, is up to ``app/pushing``.
Source: spec notifications §1.
"""
