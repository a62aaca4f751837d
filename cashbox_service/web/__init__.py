"""Interfaces for browsers and scripts beside SOAP, over Flask: at present the sandbox control plane.

Each is an application of its own, composed by path in :mod:`cashbox_service.wsgi`. They translate between HTTP and the
use cases of ``cashbox_service.app``; no rule and no SQL lives here.
"""
