"""The SOAP interface: bytes to records, records to bytes, and the way of a call in between.

Here live the wire format (``codec`` with its reader and writer, ``lexical``, ``records``), the published documents
(``wsdl``), the endpoint with its faults, the dispatch with its return codes, one handler module per CashBox service
(``handlers``) and the mapping of entities to records (``wire``). No rule of billing and no SQL belongs here: a handler
asks a use case of ``cashbox_service.app`` and translates.
"""
