"""The use cases: a package per area of the business, in it one module per subject.

A service opens a unit of work, loads, applies the rules of ``domain/``, stores, enqueues events and commits. It raises
:mod:`cashbox_service.domain.errors` and knows nothing of SOAP, HTTP or return codes. No processor is ever called
inside a write transaction. What every area uses (the environment, drafts that several areas take, paging, checks, the
books) stands here beside the packages.
"""
