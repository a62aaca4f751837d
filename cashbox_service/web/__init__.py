"""Interfaces for browsers and scripts beside SOAP, over Flask: orders, payment pages, the sandbox and its pages.

Each is an application of its own, composed by path in :mod:`cashbox_service.wsgi`. They translate between HTTP and the
use cases of ``cashbox_service.app``; no rule and no SQL lives here.
"""
