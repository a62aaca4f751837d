"""Runnable measurements, described in ``benchmarks/README.md``. Nothing in the service imports from here."""
