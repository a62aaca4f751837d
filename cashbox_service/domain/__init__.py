"""The rules: pure functions and small value types.

Nothing here does I/O, reads a clock, or knows about SQLAlchemy, Spyne or HTTP; only the standard library and
``dateutil`` may be imported. Everything a rule needs is an argument, everything it decides is its result.
"""
