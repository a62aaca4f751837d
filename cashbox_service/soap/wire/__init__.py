"""Between wire records and the application: drafts in, records out; one place per type.

No SQL and no rules: a mapper copies, renames and formats. Outgoing mappers take the selection of the call's sparse
response description and leave out what it does not name before building it.
"""
