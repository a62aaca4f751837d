"""What every payment processor must do, as tests, for whoever writes one; a pytest plug-in. See docs/processors.md.

::

    suite                 the tests, as classes to derive from
    test_given_processor  the same for a processor that is named on the command line of pytest
    plugin                the options of that command line; pytest loads it by itself where this package is installed
    events                what was logged, before anything is redacted

Nothing of the service imports this package; it needs pytest, which the service does not.
"""
