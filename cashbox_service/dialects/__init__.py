"""The four HTTP payment dialects: their formats and words over the use cases that SOAP calls too (spec dialects).

Each dialect is a package with the same files: ``schema`` (what is asked and answered, as pydantic models), ``mapping``
(from and to the use cases), ``format`` (how the answer is written in each media type), ``errors`` (which refusal is
answered how) and ``operations`` (its paths). What is common stands here: the application, negotiation, credentials,
the pages of ``/docs``. No rule, no SQL and no allocator is to be found in this package.

It is imported when the first request for one of its paths comes in: a server that nobody asks this way pays nothing.
"""
